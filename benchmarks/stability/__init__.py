"""How far features move when a clip changes in a way that nobody sees, or in none at all."""
