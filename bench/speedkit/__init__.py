"""What `speed.py` measures with: repositories of any size, a clock, and llama.cpp without this tool."""
