"""What Neware calls its columns: BTSDA and the older BTS, English and Chinese, in csv and in workbooks."""

from __future__ import annotations

from collections.abc import Iterable

from cathodelab.formats.shared.cycler_table import Cycler
from cathodelab.formats.shared.labels import Known, parted

NEWARE = Cycler("Neware", states="step type")

KNOWN = {
    **dict.fromkeys(("cumulative time", "total time", "总时间", "累计时间"), Known("test_time_second", "s")),
    **dict.fromkeys(
        ("time", "step time", "relative time", "时间", "相对时间", "工步时间"), Known("step_time_second", "s")
    ),
    **dict.fromkeys(("voltage", "volt", "电压"), Known("voltage_volt")),
    **dict.fromkeys(("current", "cur", "电流"), Known("current_ampere")),
    **dict.fromkeys(("step index", "step id", "step", "step number", "工步号", "工步序号"), Known("step_id", "")),
    **dict.fromkeys(("cycle index", "cycle id", "cycle", "循环号", "循环序号"), Known("cycle_count", "")),
    **dict.fromkeys(("chg. cap.", "capacitance chg", "cap chg", "充电容量"), Known("charging_capacity_ampere_hour")),
    **dict.fromkeys(
        ("dchg. cap.", "capacitance dchg", "cap dchg", "放电容量"),
        Known("discharging_capacity_ampere_hour"),
    ),
    **dict.fromkeys(("capacity", "容量"), Known("counter_ampere_hour")),
    **dict.fromkeys(("step type", "status", "step name", "工步类型", "工步名称", "状态"), Known("state", "")),
    **dict.fromkeys(("date", "absolute time", "realtime", "日期", "绝对时间", "系统时间"), Known("dates", "")),
}
"""Label without unit -> column. Clocks have no unit (h:min:s); potentials, currents and charges must state one."""

RECORD = frozenset({"datapoint", "data point", "record id", "record index", "数据序号", "记录序号", "记录号"})
_ELECTRICAL = frozenset({"voltage", "volt", "电压", "current", "cur", "电流"})
_OF_ARBIN = "test time"
_STEPS = frozenset(
    {"step type", "step index", "step id", "status", "step name", "cycle id", "工步类型", "工步号", "工步名称", "状态"}
)


def is_neware_header(labels: Iterable[str]) -> bool:
    """Whether these are labels of a record layer: a number of the record, a step, and potential or current."""
    names = {parted(label)[0] for label in labels}
    return bool(names & RECORD and names & _ELECTRICAL and names & _STEPS) and _OF_ARBIN not in names
