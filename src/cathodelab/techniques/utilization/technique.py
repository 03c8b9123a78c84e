"""What the technique of coulometric titration declares."""

from __future__ import annotations

from cathodelab.formats.technique import Technique

TECHNIQUE = Technique(
    id="utilization",
    columns={"cell": (), "reference": ()},
    files=("file",),
    readers="cathodelab.formats.readers:READERS",
    measurements={"titration": "cathodelab.techniques.utilization.measurement:TITRATION"},
    methods={"utilization": "cathodelab.techniques.utilization.method:METHOD"},
)
