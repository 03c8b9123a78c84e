"""Files of impedance spectra: RelaxIS, Gamry, ZPlot, Autolab, VersaStudio and csv."""
