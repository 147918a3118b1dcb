"""Settings for working on allteach itself."""

from allteach.web.settings.base import *  # noqa: F403

DEBUG = True
ALLTEACH_GALLERY = True
WHITENOISE_AUTOREFRESH = True
