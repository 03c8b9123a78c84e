"""BioLogic: EC-Lab and BT-Lab, binary files, text exports and settings."""
