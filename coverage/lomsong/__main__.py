"""Run the command line by `python -m lomsong`, for whom the command is not on the path."""

from lomsong.cli import main

if __name__ == "__main__":
    main()
