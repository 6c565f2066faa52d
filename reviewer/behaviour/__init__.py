"""What a change does that no test looks at: base and head are run side by side on inputs made from the tests' own."""
