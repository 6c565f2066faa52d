"""What a comparison with other reviewers needs: the model served over HTTP, their environments, their reports."""
