# Event-study tests in R, from R's own regressions, ranks and variances: writes expected.csv.
#
#     Rscript make.R                  # complete.csv, gaps.csv -> expected.csv
#     Rscript make.R check FOLDER     # how far this script is from numbers that estudy2 printed
#
# Needs base R only. `statistic` is the paper's formula (the sections are those of
# docs/methods.md), `estudy2` the same under the rules of the R package estudy2 0.10.0, which
# takes residual variances over M - 1 and ranks the estimation window with the tested days only;
# for complete data alone, since its rules for missing returns are wrong. This is our own code:
# estudy2 is not used here, `check` says how well its rules were understood.

MODELS <- c("market", "market_adjusted", "mean")

# One firm: residuals and abnormal returns, sigma over its degrees of freedom and over M - 1, and
# the standardised CAR over event days `w` (t of a sum of dummies where something is estimated)
fit <- function(y, x, est, model) {
  r <- list(est = est)
  use <- est[!is.na(y[est]) & !is.na(x[est])]
  if (model == "market_adjusted") {
    ar <- y - x
    r$df <- length(use) - 1
    r$sigma <- sd(ar[use])
  } else {
    formula <- if (model == "market") y ~ x else y ~ 1
    data <- data.frame(y = y, x = x)
    m <- lm(formula, data[use, ])
    ar <- y - predict(m, data)
    r$df <- m$df.residual
    r$sigma <- summary(m)$sigma
    r$theta <- coef(m)
  }
  r$one <- sd(ar[use])
  r$ar <- ar
  r$use <- use
  r$scar <- function(w) {
    if (any(is.na(ar[w]))) return(NA)
    if (model == "market_adjusted") return(sum(ar[w]) / (r$sigma * sqrt(length(w))))
    rows <- c(use, w)
    dummy <- sapply(w, function(d) as.numeric(rows == d))
    full <- if (model == "market") lm(y[rows] ~ x[rows] + dummy) else lm(y[rows] ~ dummy)
    pick <- (length(r$theta) + 1):length(coef(full))
    sum(coef(full)[pick]) / sqrt(sum(vcov(full)[pick, pick]))
  }
  r
}

# D.11: ranks (or signs about the median) over the days given, summed over w
by_days <- function(fits, days, w, signs = FALSE) {
  z <- 0 * days
  count <- 0 * days
  for (f in fits) {
    a <- f$ar[days]
    if (length(setdiff(f$est, f$use))) a[match(setdiff(f$est, f$use), days)] <- NA
    known <- !is.na(a)
    u <- if (signs) sign(a - median(a, na.rm = TRUE))
         else rank(a, na.last = "keep") / (sum(known) + 1) - 0.5
    z <- z + ifelse(known, u, 0)
    count <- count + known
  }
  z <- (z / sqrt(count))[count > 0]
  sum(z[match(w, days[count > 0])]) / (sqrt(length(w)) * sqrt(mean(z^2)))
}

# Every test over event days w (row numbers); fits whose CAR misses a day are left out (A.5)
tests <- function(all, event, w, model, complete) {
  fits <- Filter(function(f) !any(is.na(f$ar[w])), all)
  n <- length(fits)
  est <- fits[[1]]$est
  car <- sapply(fits, function(f) sum(f$ar[w]))
  scar <- sapply(fits, function(f) f$scar(w))
  df <- sapply(fits, function(f) f$df)
  sigma <- sapply(fits, function(f) f$sigma)
  one <- sapply(fits, function(f) f$one)
  e <- sapply(fits, function(f) { v <- rep(NA, length(est)); v[match(f$use, est)] <- f$ar[f$use]; v })
  a <- rowMeans(e, na.rm = TRUE)
  a <- a[!is.nan(a)]
  up <- sum(car > 0)
  share <- mean(colMeans(e > 0, na.rm = TRUE))
  r <- cor(e, use = "pairwise.complete.obs")
  rbar <- mean(r[upper.tri(r)])
  bmp <- unname(t.test(scar)$statistic)
  z <- sum(scar) / sqrt(sum(df / (df - 2)))
  mean_test <- mean(car)
  paper <- c(
    ts_t = mean_test / (sqrt(length(w)) * sd(a)),                                   # D.2
    independent_t = mean_test / (sqrt(length(w)) * sqrt(sum(sigma^2)) / n),         # D.2
    csect_t = unname(t.test(car)$statistic),                                        # D.4
    patell = z,                                                                     # D.5
    adj_patell = z / sqrt(1 + (n - 1) * rbar),                                      # D.7
    bmp = bmp,                                                                      # D.8
    adj_bmp = bmp * sqrt((1 - rbar) / (1 + (n - 1) * rbar)),                        # D.9
    rank = by_days(fits, c(est, event), w),                                         # D.11
    corrado_sign = by_days(fits, c(est, event), w, TRUE),                           # D.14
    sign = (up - n / 2) / sqrt(n / 4),                                              # D.14
    gen_sign = (up - n * share) / sqrt(n * share * (1 - share)),                    # D.14
    wilcoxon = unname(wilcox.test(car)$statistic)                                   # D.14
  )
  theirs <- 0 * paper + NA
  if (complete) {
    same <- c("ts_t", "csect_t", "sign", "gen_sign", "wilcoxon", "corrado_sign", "rank")
    if (length(w) > 1) same <- "ts_t"
    theirs[same] <- paper[same]
    if (length(w) > 1) {
      theirs["rank"] <- by_days(fits, c(est, w), w)
    } else {
      theirs["independent_t"] <- mean_test / (sqrt(sum(one^2)) / n)
      if (model == "market") {
        theirs["patell"] <- sum(scar * sigma / one) / sqrt(sum(df / (df - 2)))
        theirs["bmp"] <- bmp
      }
    }
  }
  data.frame(test = names(paper), n = n, statistic = paper, estudy2 = theirs)
}

study <- function(returns, market, est, event, model, windows) {
  fits <- lapply(returns, function(y) fit(y, market, est, model))
  complete <- !any(is.na(returns))
  rows <- lapply(windows, function(w) {
    found <- tests(fits, event, event[w + 1], model, complete)
    cbind(first = w[1], last = w[length(w)], found)
  })
  do.call(rbind, rows)
}

folder <- function() {
  file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  dirname(normalizePath(file))
}

make <- function() {
  here <- folder()
  found <- NULL
  for (panel in c("complete", "gaps")) {
    data <- read.csv(file.path(here, paste0(panel, ".csv")))
    returns <- data[setdiff(names(data), c("date", "MKT"))]
    windows <- c(as.list(0:6), list(0:1, 1:5, 0:6))
    for (model in MODELS) {
      rows <- study(returns, data$MKT, 1:100, 106:112, model, windows)
      found <- rbind(found, cbind(panel = panel, model = model, rows))
    }
  }
  for (column in c("statistic", "estudy2")) found[[column]] <- sprintf("%.17g", found[[column]])
  write.csv(found, file.path(here, "expected.csv"), row.names = FALSE, quote = FALSE)
}

# The numbers of estudy2 0.10.0 in a folder with input_returns.csv, input_market.csv, and
# <model>_tests_long.csv and <model>_car_tests.csv for its three models
check <- function(folder) {
  returns <- read.csv(file.path(folder, "input_returns.csv"))
  market <- read.csv(file.path(folder, "input_market.csv"))
  names <- c(
    brown_warner_1980 = "independent_t", brown_warner_1985 = "ts_t", t_test = "csect_t",
    patell = "patell", boehmer = "bmp", sign_test = "sign", generalized_sign_test = "gen_sign",
    corrado_sign_test = "corrado_sign", rank_test = "rank", modified_rank_test = "rank",
    wilcoxon_test = "wilcoxon", car_brown_warner_1985 = "ts_t", car_rank_test = "rank"
  )
  compared <- 0
  worst <- 0
  for (model in MODELS) {
    file <- c(market = "sim", market_adjusted = "mrkt_adj", mean = "mean_adj")[[model]]
    day <- read.csv(file.path(folder, paste0(file, "_tests_long.csv")))
    car <- read.csv(file.path(folder, paste0(file, "_car_tests.csv")))
    printed <- rbind(
      data.frame(test = day$test, from = day$date, to = day$date, value = day$statistic),
      data.frame(test = car$test, from = car$car_start, to = car$car_end, value = car$statistic)
    )
    printed <- printed[printed$test %in% base::names(names), ]
    first <- match(printed$from, market$date) - 261
    last <- match(printed$to, market$date) - 261
    windows <- unique(Map(function(a, b) a:b, first, last))
    ours <- study(returns[-1], market$MKT, 1:250, 261:271, model, windows)
    key <- function(test, a, b) paste(test, a, b)
    at <- match(key(names[printed$test], first, last), key(ours$test, ours$first, ours$last))
    stopifnot(!anyNA(at), !anyNA(ours$estudy2[at]))
    apart <- abs(ours$estudy2[at] - printed$value) / pmax(abs(printed$value), 1e-3)
    compared <- compared + length(apart)
    worst <- max(worst, apart)
  }
  cat(sprintf("%d numbers, largest relative difference %.1e\n", compared, worst))
}

arguments <- commandArgs(TRUE)
if (length(arguments) == 2 && arguments[1] == "check") check(arguments[2]) else make()
