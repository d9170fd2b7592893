"""The command `aligner completion`."""

from __future__ import annotations

import click


@click.command()
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def completion(shell: str) -> int:
    """Print the script that completes commands and options in a shell.

    \b
    Examples:
      aligner completion bash > ~/.local/share/bash-completion/completions/aligner
      aligner completion zsh > "${fpath[1]}/_aligner"
      aligner completion fish > ~/.config/fish/completions/aligner.fish
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None  # noqa: S101  click has all the shells of the choice
    click.echo(
        found(
            click.get_current_context().find_root().command, {}, "aligner", "_ALIGNER_COMPLETE"
        ).source()
    )
    return 0
