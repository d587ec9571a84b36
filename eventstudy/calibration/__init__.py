"""What a test is worth on the user's own returns: its size and power on placebo dates."""

from eventstudy.calibration.choices import Variations
from eventstudy.calibration.curve import Curve
from eventstudy.calibration.outcome import Calibration
from eventstudy.calibration.plan import Plan
from eventstudy.calibration.sizing import calibrate
from eventstudy.calibration.thresholds import Preview, preview

__all__ = ["Calibration", "Curve", "Plan", "Preview", "Variations", "calibrate", "preview"]
