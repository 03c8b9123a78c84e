"""What the technique of cycling declares."""

from __future__ import annotations

from cathodelab.formats.technique import Look, Technique

TECHNIQUE = Technique(
    id="cycling",
    columns={"cell": ()},
    files=("file",),
    readers="cathodelab.formats.readers:READERS",
    measurements={
        "cycling_record": "cathodelab.techniques.cycling.measurement:CYCLING_RECORD",
        "extent": "cathodelab.techniques.cycling.scale:EXTENT",
        "trace": "cathodelab.techniques.cycling.measurement:TRACE",
    },
    methods={
        "cycling": "cathodelab.techniques.cycling.method:METHOD",
        "scale": "cathodelab.techniques.cycling.scale:METHOD",
        "record": "cathodelab.techniques.cycling.record:METHOD",
    },
    looks={
        "cycles": Look(
            "Tables of the cycles in files of cycling tests, without a study and without uncertainties.",
            "cathodelab.operations.model:CyclesInput",
            "cathodelab.operations.cycles:summarized",
        )
    },
)
