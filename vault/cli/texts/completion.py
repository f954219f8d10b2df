"""What `dossier completion` says."""

TEXTS = {
    "shell": (
        'bash, zsh of fish; bijvoorbeeld: eval "$(dossier completion bash)"',
        'bash, zsh or fish; for example: eval "$(dossier completion bash)"',
    ),
}
