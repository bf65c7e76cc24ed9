[ -n "$BASH_VERSION" ] && . ~/.bashrc
