"""``python -m vqa_features`` is the command ``vqa-features``."""

from .cli import main

if __name__ == "__main__":
    main()
