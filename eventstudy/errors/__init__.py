"""Every sentence the library refuses an input with.

One function a sentence, in the file of its subject: the caller writes
``raise errors.no_market(...)``, so that texts about one thing stand side by side, say what
came, what was needed and what to do, and can be tested word for word. A new one stands in the
file of its subject and twice here, in the import and in ``__all__``.

The tree::

    EventStudyError (ValueError)
    ├── EventsError      the events table
    ├── PanelError       prices, returns, factors
    ├── WindowError      estimation and event windows
    ├── ModelError       models of the expected return
    ├── OptionError      an option, a name or a value that is not known
    ├── LoaderError      a source of prices
    ├── ContractBroken   a model or a test of your own (also an AssertionError)
    └── NothingLeft      every event was dropped
"""

# a register: packed lines, in the order of the alphabet
# isort: off
# fmt: off
from eventstudy.errors.activity import (
    among_unreadable, lags_outside, model_without_level, no_firms_with_volume, not_of_activity,
    panel_without_volume, shares_from_cap, shares_never_known, shares_not_positive,
    shares_of_nobody, shares_unreadable, turnover_too_large, volume_negative,
)
from eventstudy.errors.backtest_figures import (
    capital_unusable, tried_unusable, tried_without_ratios,
)
from eventstudy.errors.backtests import (
    grid_moment_twice, grid_not_a_list, grid_without_rules, grid_without_trades,
)
from eventstudy.errors.buy_and_hold import (
    against_unreadable, characteristics_empty, characteristics_infinite, characteristics_nameless,
    characteristics_no_column, characteristics_not_a_table, characteristics_twice,
    delisting_no_loss, groups_unreadable, holding_one_day, holding_too_early, nearest_unreadable,
    within_unreadable,
)
from eventstudy.errors.cache import (
    cache_absent, cache_answer_unusable, cache_busy, cache_empty_offline, cache_fields_refused,
    cache_folder_unusable, cache_nothing, cache_twice,
)
from eventstudy.errors.calibration import (
    choice_twice, choices_not_a_list, no_event_in_all_specifications, nothing_ahead,
    too_many_specifications,
)
from eventstudy.errors.catalysts import (
    catalysts_not_sure_enough, catalysts_nothing_left, catalysts_unknown_ids, expand_nothing_left,
    expand_without_tickers,
)
from eventstudy.errors.command_line import (
    events_left_out, factors_without_use, model_needs_python, model_without_donors,
    model_without_factors, model_without_market, no_such_file, no_such_prices, nothing_kept,
    nothing_kept_in, offline_without_cache, one_window_only, path_unusable,
)
from eventstudy.errors.contracts import contract_broken
from eventstudy.errors.cross_section import (
    draws_without_clusters, formula_infinite, formula_not_right_side, formula_unreadable,
    formula_without_terms, not_two_groups, one_group_only, regressor_constant,
    regressors_collinear, too_few_to_explain,
)
from eventstudy.errors.crsp import (
    crsp_delisting_below, crsp_delisting_incomplete, crsp_delisting_twice,
    crsp_delistings_are_daily, crsp_delistings_column, crsp_delistings_simple,
    crsp_delistings_there, crsp_delistings_type, crsp_no_code,
)
from eventstudy.errors.databases import (
    sql_columns_repeat, sql_failed, sql_no_connection, sql_no_query, sql_no_table,
    sql_no_ticker_column, sql_unknown_parameter,
)
from eventstudy.errors.edgar import (
    edgar_cik, edgar_item, edgar_layout, edgar_not_asked, edgar_nothing, edgar_unread,
    edgar_user_agent,
)
from eventstudy.errors.events import (
    calendar_bounds, calendar_needs_package, calendar_unknown, calendar_unusable, date_missing,
    date_outside, date_unreadable, date_with_time, date_with_zone, event_id_missing,
    event_id_repeated, events_column_twice, events_empty, events_file_kind, events_file_missing,
    events_file_unreadable, events_index_levels, events_index_repeated, events_not_a_table,
    events_on_length, no_event_column, parquet_needs_pyarrow, scheduled_unreadable,
    screen_not_a_table, session_contradicts, session_unknown, sessions_unreadable, ticker_missing,
    ticker_not_text, ticker_of_sector_news,
)
from eventstudy.errors.every_day import (
    detect_catalysts, detect_date, detect_no_session, detect_nothing_measured, detect_tickers,
    detect_too_many, detect_without_tickers, estimation_holds_day, not_a_study,
    threshold_not_positive,
)
from eventstudy.errors.exports import (
    excel_needs_xlsxwriter, excel_too_wide, export_into_folder, export_not_written,
    export_path_unreadable, export_suffix, measures_beside, mixed_beside,
    name_twice_beside, names_beside, no_common_window, no_study_beside, not_beside,
    nothing_beside, window_outside_beside, windows_of_regressions,
)
from eventstudy.errors.french import (
    archive_unusable, folder_without_french, french_fractions, french_frequency, french_no_factors,
    french_no_rows, french_row, french_set_absent, french_set_twice, french_two_smb,
)
from eventstudy.errors.halves import (
    halves_across_gaps, halves_of_no_ticker, halves_of_other_prices, halves_without_field,
)
from eventstudy.errors.inference import (
    contrast_shape, contrast_values, draws_misshapen, effect_not_a_fraction, events_not_kept,
    level_outside, min_events_too_small, min_overlap_too_small, no_placebo_sessions,
    no_test_to_calibrate, not_a_count, not_pvalues, placebo_dates_do_not_fit, rng_unusable,
    strata_too_few, strata_unusable, strata_without_market, stratum_alone, unknown_test,
    window_not_folded,
)
from eventstudy.errors.kinds import (
    ContractBroken, EventStudyError, EventsError, LoaderError, ModelError, NothingLeft,
    OptionError, PanelError, WindowError,
)
from eventstudy.errors.loaders import (
    file_bad_date, file_columns_repeat, file_empty, file_is_html, file_is_not_text, file_missing,
    file_no_date_column, file_no_price_column, file_not_a_number, file_price_repeats,
    file_unreadable, file_without_ticker, folder_field_missing, folder_files_repeat,
    folder_kinds_differ, folder_price_repeats, folder_without_files, loader_date,
    loader_dates_backwards, loader_names, loader_no_field, loader_nothing_found, pyarrow_absent,
)
from eventstudy.errors.long_run import (
    alpha_not_estimated, calendar_collinear, estimation_not_before, lags_unusable,
    long_run_log_returns, member_weight_unknown, member_weight_unusable, min_firms_too_small,
    no_crowded_period, no_market_cap, no_period_with_factors, no_standardised_session,
    not_one_regression, option_without_lags, standardised_is_daily, too_few_periods,
)
from eventstudy.errors.many_events import (
    file_not_here, model_cannot_travel, not_an_executor, windows_without_store,
    workers_and_executor, workers_not_counted,
)
from eventstudy.errors.models import (
    empty_model, factor_twice, garch_needs_arch, no_risk_free, not_a_fit, parameters_renamed,
    wrong_shape,
)
from eventstudy.errors.one_event import (
    around_negative, event_was_dropped, firm_without_prices, no_amount, no_such_event,
    power_outside, shares_or_cap, shares_without_price,
)
from eventstudy.errors.options import unknown_option
from eventstudy.errors.panel import (
    panel_column_levels, panel_dates_in_column, panel_duplicate_columns, panel_duplicate_dates,
    panel_empty, panel_factor_percent, panel_fields_of_one, panel_index_levels, panel_infinite,
    panel_intraday, panel_log_returns, panel_missing_dates, panel_no_price_level, panel_no_values,
    panel_not_dates, panel_not_frame, panel_not_numeric, panel_percent, panel_price_not_positive,
    panel_prices_not_returns, panel_rate, panel_unnamed_columns, panel_utc,
)
from eventstudy.errors.peers import (
    benchmark_empty, benchmark_of_itself, benchmark_unreadable, benchmark_weights,
    donors_not_a_list, donors_too_few, donors_with_events, elastic_net_mix, elastic_net_penalty,
    gaps_are_logs,
    no_gap_returns, peers_least, peers_not_a_list, peers_too_few, peers_without_prices,
)
from eventstudy.errors.reports import (
    report_into_folder, report_needs, report_not_written, report_path_unreadable,
    report_title_unreadable, report_without_parts,
)
from eventstudy.errors.robust_lines import (
    bad_huber_k, bad_lags, option_of_another_method, weights_without_use,
)
from eventstudy.errors.saved_panels import (
    saved_absent, saved_damaged, saved_exists, saved_market, saved_options, saved_other,
    saved_replaced, saved_unwritable, saved_version,
)
from eventstudy.errors.series import (
    panel_duplicate_pair, panel_factor_unnamed, panel_factors_type, panel_field_foreign,
    panel_fields_of_long, panel_fields_type, panel_market_columns, panel_market_empty,
    panel_market_taken, panel_market_type, panel_missing_tickers, panel_no_column, panel_no_factor,
    panel_no_market, panel_no_risk_free, panel_no_series, panel_own_since, panel_own_since_type,
    panel_ret_or_price, panel_risk_free_type, panel_shape, panel_splice_nothing,
    panel_splice_taken, panel_until,
)
from eventstudy.errors.studies import (
    bad_bins, bad_mask, duplicate_event, empty_selection, estimation_too_short,
    load_without_series, load_without_start, mask_not_truth, min_obs_out_of_range,
    model_is_a_class, needs_unreadable, negative_shift, no_market, no_such_group, no_such_part,
    not_a_loader, not_a_model, not_a_panel, not_a_session, not_a_timing, nothing_left,
    nothing_to_draw, test_option_missing, unknown_test_option,
)
from eventstudy.errors.trading import (
    answer_not_a_side, answer_of_other_events, answer_without_rows, charge_in_another_unit,
    charge_in_percent, charge_not_a_fraction, charge_not_a_number, column_not_charges,
    column_not_numbers, delisting_outside, entry_before_news, estimation_after_entry,
    estimation_left_out_later, factor_looks_ahead, hedge_across_gaps, hedge_is_a_class,
    hedge_of_later_days, hedge_without_factors, known_not_dates, leave_not_after_enter,
    limit_not_positive, model_looks_ahead, moment_too_far, no_charge_column, no_costs,
    no_limits, no_moment, not_a_column, not_a_hedge, panel_of_logs, side_remembers, side_unreadable,
    value_before_known, weight_unreadable,
)
from eventstudy.errors.volatility import (
    ranges_of_nobody, ranges_without_fields, volatility_option, volatility_without_forecast,
)
from eventstudy.errors.web import (
    address_not_https, address_with_password, answer_broken_off, answer_not_json, answer_too_large,
    host_answered, host_silent, host_unreachable, host_wants_rest, key_absent, key_not_saved,
    key_unusable, redirect_refused, request_unusable,
)
from eventstudy.errors.windows import (
    estimation_reaches_event, interval_meets_event, intervals_overlap, window_backwards,
    window_malformed, window_outside,
)
from eventstudy.errors.wording import did_you_mean, listed
from eventstudy.errors.yahoo import (
    earnings_limit, earnings_nothing, earnings_retries, tqdm_absent, yahoo_nothing, yahoo_option,
    yahoo_session, yfinance_absent,
)

__all__ = [
    "ContractBroken", "EventStudyError", "EventsError", "LoaderError", "ModelError", "NothingLeft",
    "OptionError", "PanelError", "WindowError", "address_not_https", "address_with_password",
    "against_unreadable", "alpha_not_estimated", "among_unreadable", "answer_broken_off",
    "answer_not_a_side",
    "answer_not_json", "answer_of_other_events", "answer_too_large", "answer_without_rows",
    "archive_unusable", "around_negative", "bad_bins", "bad_huber_k", "bad_lags", "bad_mask",
    "benchmark_empty", "benchmark_of_itself", "benchmark_unreadable", "benchmark_weights",
    "cache_absent", "cache_answer_unusable", "cache_busy", "cache_empty_offline",
    "cache_fields_refused", "cache_folder_unusable", "cache_nothing", "cache_twice",
    "calendar_bounds", "calendar_collinear", "calendar_needs_package", "calendar_unknown",
    "calendar_unusable", "capital_unusable", "catalysts_not_sure_enough", "catalysts_nothing_left",
    "catalysts_unknown_ids", "characteristics_empty", "characteristics_infinite",
    "characteristics_nameless",
    "characteristics_no_column", "characteristics_not_a_table", "characteristics_twice",
    "charge_in_another_unit", "charge_in_percent", "charge_not_a_fraction", "charge_not_a_number",
    "choice_twice", "choices_not_a_list", "column_not_charges", "column_not_numbers",
    "contract_broken", "contrast_shape", "contrast_values", "crsp_delisting_below",
    "crsp_delisting_incomplete", "crsp_delisting_twice", "crsp_delistings_are_daily",
    "crsp_delistings_column", "crsp_delistings_simple", "crsp_delistings_there",
    "crsp_delistings_type", "crsp_no_code", "date_missing", "date_outside", "date_unreadable",
    "date_with_time", "date_with_zone", "delisting_no_loss", "delisting_outside",
    "detect_catalysts", "detect_date", "detect_no_session", "detect_nothing_measured",
    "detect_tickers", "detect_too_many", "detect_without_tickers", "did_you_mean",
    "donors_not_a_list", "donors_too_few", "donors_with_events", "draws_misshapen",
    "draws_without_clusters", "duplicate_event", "earnings_limit", "earnings_nothing",
    "earnings_retries", "edgar_cik", "edgar_item", "edgar_layout", "edgar_not_asked",
    "edgar_nothing", "edgar_unread", "edgar_user_agent", "effect_not_a_fraction", "elastic_net_mix",
    "elastic_net_penalty", "empty_model", "empty_selection", "entry_before_news",
    "estimation_after_entry", "estimation_holds_day", "estimation_left_out_later",
    "estimation_not_before", "estimation_reaches_event", "estimation_too_short", "event_id_missing",
    "event_id_repeated", "event_was_dropped", "events_column_twice", "events_empty",
    "events_file_kind", "events_file_missing", "events_file_unreadable", "events_index_levels",
    "events_index_repeated",
    "events_left_out", "events_not_a_table", "events_not_kept", "events_on_length",
    "excel_needs_xlsxwriter", "excel_too_wide",
    "expand_nothing_left", "expand_without_tickers", "export_into_folder",
    "export_not_written", "export_path_unreadable", "export_suffix",
    "factor_looks_ahead", "factor_twice",
    "factors_without_use",
    "file_bad_date", "file_columns_repeat", "file_empty", "file_is_html", "file_is_not_text",
    "file_missing", "file_no_date_column", "file_no_price_column", "file_not_a_number",
    "file_not_here", "file_price_repeats", "file_unreadable", "file_without_ticker",
    "firm_without_prices", "folder_field_missing", "folder_files_repeat", "folder_kinds_differ",
    "folder_price_repeats", "folder_without_files", "folder_without_french", "formula_infinite",
    "formula_not_right_side", "formula_unreadable", "formula_without_terms", "french_fractions",
    "french_frequency", "french_no_factors", "french_no_rows", "french_row", "french_set_absent",
    "french_set_twice", "french_two_smb", "gaps_are_logs", "garch_needs_arch", "grid_moment_twice",
    "grid_not_a_list", "grid_without_rules", "grid_without_trades",
    "groups_unreadable", "halves_across_gaps",
    "halves_of_no_ticker", "halves_of_other_prices", "halves_without_field", "hedge_across_gaps",
    "hedge_is_a_class", "hedge_of_later_days", "hedge_without_factors", "holding_one_day",
    "holding_too_early",
    "host_answered", "host_silent", "host_unreachable", "host_wants_rest", "interval_meets_event",
    "intervals_overlap", "key_absent", "key_not_saved", "key_unusable", "known_not_dates",
    "lags_outside", "lags_unusable", "leave_not_after_enter", "level_outside", "limit_not_positive",
    "listed", "load_without_series", "load_without_start", "loader_date", "loader_dates_backwards",
    "loader_names", "loader_no_field", "loader_nothing_found", "long_run_log_returns",
    "mask_not_truth", "measures_beside", "member_weight_unknown", "member_weight_unusable",
    "min_events_too_small",
    "min_firms_too_small", "min_obs_out_of_range", "min_overlap_too_small",
    "mixed_beside", "model_cannot_travel",
    "model_is_a_class", "model_looks_ahead", "model_needs_python", "model_without_donors",
    "model_without_factors", "model_without_level", "model_without_market", "moment_too_far",
    "name_twice_beside", "names_beside", "nearest_unreadable", "needs_unreadable",
    "negative_shift", "no_amount", "no_charge_column", "no_common_window",
    "no_costs", "no_crowded_period",
    "no_event_column", "no_event_in_all_specifications", "no_firms_with_volume", "no_gap_returns",
    "no_limits", "no_market", "no_market_cap", "no_moment", "no_period_with_factors",
    "no_placebo_sessions", "no_risk_free", "no_standardised_session", "no_study_beside",
    "no_such_event",
    "no_such_file", "no_such_group", "no_such_part", "no_such_prices", "no_test_to_calibrate",
    "not_a_column", "not_a_count", "not_a_fit", "not_a_hedge", "not_a_loader", "not_a_model",
    "not_a_panel", "not_a_session", "not_a_study", "not_a_timing", "not_an_executor", "not_beside",
    "not_of_activity", "not_one_regression", "not_pvalues", "not_two_groups", "nothing_ahead",
    "nothing_beside",
    "nothing_kept", "nothing_kept_in", "nothing_left", "nothing_to_draw", "offline_without_cache",
    "one_group_only", "one_window_only", "option_of_another_method",
    "option_without_lags", "panel_column_levels", "panel_dates_in_column",
    "panel_duplicate_columns",
    "panel_duplicate_dates", "panel_duplicate_pair", "panel_empty", "panel_factor_percent",
    "panel_factor_unnamed", "panel_factors_type", "panel_field_foreign", "panel_fields_of_long",
    "panel_fields_of_one", "panel_fields_type", "panel_index_levels", "panel_infinite",
    "panel_intraday",
    "panel_log_returns", "panel_market_columns", "panel_market_empty", "panel_market_taken",
    "panel_market_type", "panel_missing_dates", "panel_missing_tickers", "panel_no_column",
    "panel_no_factor", "panel_no_market", "panel_no_price_level", "panel_no_risk_free",
    "panel_no_series", "panel_no_values", "panel_not_dates", "panel_not_frame", "panel_not_numeric",
    "panel_of_logs", "panel_own_since", "panel_own_since_type", "panel_percent",
    "panel_price_not_positive", "panel_prices_not_returns", "panel_rate", "panel_ret_or_price",
    "panel_risk_free_type", "panel_shape", "panel_splice_nothing", "panel_splice_taken",
    "panel_unnamed_columns", "panel_until", "panel_utc", "panel_without_volume",
    "parameters_renamed", "parquet_needs_pyarrow", "path_unusable", "peers_least",
    "peers_not_a_list", "peers_too_few", "peers_without_prices", "placebo_dates_do_not_fit",
    "power_outside", "pyarrow_absent", "ranges_of_nobody", "ranges_without_fields",
    "redirect_refused", "regressor_constant", "regressors_collinear", "report_into_folder",
    "report_needs", "report_not_written", "report_path_unreadable", "report_title_unreadable",
    "report_without_parts", "request_unusable",
    "rng_unusable", "saved_absent", "saved_damaged", "saved_exists", "saved_market",
    "saved_options", "saved_other", "saved_replaced", "saved_unwritable", "saved_version",
    "scheduled_unreadable", "screen_not_a_table", "session_contradicts", "session_unknown",
    "sessions_unreadable", "shares_from_cap", "shares_never_known", "shares_not_positive",
    "shares_of_nobody", "shares_or_cap", "shares_unreadable", "shares_without_price",
    "side_remembers", "side_unreadable",
    "sql_columns_repeat", "sql_failed", "sql_no_connection", "sql_no_query", "sql_no_table",
    "sql_no_ticker_column", "sql_unknown_parameter", "standardised_is_daily", "strata_too_few",
    "strata_unusable", "strata_without_market", "stratum_alone", "test_option_missing",
    "threshold_not_positive", "ticker_missing", "ticker_not_text", "ticker_of_sector_news",
    "too_few_periods", "too_few_to_explain", "too_many_specifications", "tqdm_absent",
    "tried_unusable", "tried_without_ratios", "turnover_too_large", "unknown_option",
    "unknown_test", "unknown_test_option", "value_before_known", "volatility_option",
    "volatility_without_forecast", "volume_negative", "weight_unreadable", "weights_without_use",
    "window_backwards", "window_malformed", "window_not_folded", "window_outside",
    "window_outside_beside", "windows_of_regressions", "windows_without_store", "within_unreadable",
    "workers_and_executor", "workers_not_counted",
    "wrong_shape", "yahoo_nothing", "yahoo_option", "yahoo_session", "yfinance_absent",
]
# fmt: on
# isort: on
