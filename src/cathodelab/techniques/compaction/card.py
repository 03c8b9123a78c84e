"""The method card of compaction."""

from cathodelab.core.method import MethodCard

CARD = MethodCard(
    title="Compaction: porosity of pellets, Heckel pressure, Kawakita's constants",
    sentence="How dense a powder gets under which pressure, under load and after ejection, and how hard its grains yield.",
    formula="D = m / (A h ρ), porosity = 1 − D, ρ = 1 / Σ(wᵢ/ρᵢ) from shares w of the mass; Heckel: ln(1/(1−D)) = A + P/P_H; "
    "Kawakita: (h₀−h)/h₀ = a b P/(1 + b P), h₀ fitted; both fitted to thicknesses, weighted by their noise",
    source="Porosity: Publication III of the source dissertation, equations 9 (there with shares of the volume) and 10. "
    "Heckel, Trans. Metall. Soc. AIME 221 (1961) 671; Kawakita and Lüdde, Powder Technol. 4 (1971) 61. "
    "Search for the straight part, common errors and checks: this project.",
    assumptions=(
        "The pressure is that on the punch; friction at the wall of the die is not seen.",
        "In the die the pellet has the area of the bore; out of it too, unless its diameter was measured.",
        "The press gives way in proportion to the load (its stated compliance); densities of the parts do not change.",
        "A Heckel plot is straight from where rearrangement changes its slope by less than 1 %.",
    ),
    valid_range="Pressures up to 3000 MPa, relative densities up to 1. Close to 1 a Heckel pressure hangs on the density of the "
    "solid: 1 % of it is 3 to 8 % of the Heckel pressure, and the interval says so.",
    cannot_see="A zero of the crosshead that is off by less than a pellet springs back, or by anything where no ejected pellet "
    "was measured; a wrong density that leaves every relative density below 1; oil pressure under the name of a pressure; creep "
    "during a hold (readings under one load are averaged). Under load, elastic strain counts as compaction: Heckel pressures in "
    "the die and out of it are different quantities.",
)
