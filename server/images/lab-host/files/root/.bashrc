case $- in *i*) ;; *) return ;; esac
[ -f /usr/share/bash-completion/bash_completion ] && . /usr/share/bash-completion/bash_completion
HISTCONTROL=ignoreboth
HISTSIZE=1000
shopt -s checkwinsize
alias ls='ls --color=auto' ll='ls -l' grep='grep --color=auto'
# host01 and host02 in colours of their own, so that nobody types into the wrong one.
case $HOSTNAME in *1) colour=36 ;; *2) colour=35 ;; *3) colour=32 ;; *4) colour=33 ;; *) colour=34 ;; esac
PS1="\[\e[1;${colour}m\]\h\[\e[0m\]:\[\e[2m\]\w\[\e[0m\]\\$ "
unset colour
