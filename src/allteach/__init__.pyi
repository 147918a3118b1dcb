from allteach.charts.about import Remark as Remark
from allteach.charts.study.between_sites import funnel as funnel
from allteach.charts.study.over_time import chart as chart
from allteach.charts.study.over_time import sites as sites
from allteach.errors import AllteachError as AllteachError
from allteach.errors import NotEstimable as NotEstimable
from allteach.stats.charts import compute as compute
from allteach.stats.reading import read as read
from allteach.stats.results import Plan as Plan
from allteach.stats.series import Panel as Panel
from allteach.stats.signals import RULE_SETS as RULE_SETS
from allteach.stats.signals import evaluate as evaluate
from allteach.units import Direction as Direction
from allteach.units import Period as Period
from allteach.units import ValueFormat as ValueFormat

__version__: str
