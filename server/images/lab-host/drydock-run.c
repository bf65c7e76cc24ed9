/*
 * Runs a command that ends with whoever asked for it: over the engine's API a command goes on when its client has gone.
 *
 *   drydock-run PROGRAM [ARGUMENT...]
 *
 * The program is the leader of a session and process group of its own, with nothing to read. Standard input is the
 * owner: when it ends before the program does, the whole group is killed, as is what the program has left of it when it
 * ends by itself. What is meant to stay makes a session of its own, as every daemon does. The exit code is the
 * program's; 128 and the signal's number where one ended it; 127 where it cannot be run.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

static void run(char **command, const sigset_t *signals) {
  setsid();
  sigprocmask(SIG_SETMASK, signals, NULL);
  dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
  execvp(command[0], command);
  dprintf(2, "%s: %s\n", command[0], strerror(errno));
  _exit(127);
}

/* Whether the owner has gone; what it sends is for nobody. */
static int is_alone(void) {
  char bytes[4096];
  ssize_t length = read(0, bytes, sizeof bytes);
  return length == 0 || (length < 0 && errno != EAGAIN && errno != EINTR);
}

int main(int count, char **words) {
  if (count < 2) {
    dprintf(2, "usage: drydock-run PROGRAM [ARGUMENT...]\n");
    return 2;
  }
  sigset_t child, before;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, &before);
  int children = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
  pid_t program = fork();
  if (program < 0) return 126;
  if (program == 0) run(words + 1, &before);
  struct pollfd polls[] = { { 0, POLLIN }, { children, POLLIN } };
  siginfo_t ended = { 0 };
  /* Not reaped before its group is killed: until then nobody else can be given its number. */
  while (waitid(P_PID, program, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == 0) {
    struct signalfd_siginfo news;
    if (poll(polls, 2, -1) < 0) continue;
    if (polls[0].revents && is_alone()) break;
    while (read(children, &news, sizeof news) > 0) ;
  }
  int status;
  /* By itself first: it may not have a group yet, and makes none after this. */
  kill(program, SIGKILL);
  kill(-program, SIGKILL);
  waitpid(program, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
