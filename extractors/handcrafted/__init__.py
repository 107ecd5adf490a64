"""Classical features: natural scene statistics, sharpness, colour, artefacts, time."""
