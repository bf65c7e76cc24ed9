/*
 * Holds a shell's terminal, so that the shell outlives whoever looks at it.
 *
 *   drydock-pty open ID COLUMNS ROWS PROGRAM [ARGUMENT...]    start a holder, then attach to it
 *   drydock-pty attach ID                                     attach to a holder
 *
 * The holder is a process of its own. It owns a terminal with the program on it, and keeps the newest output as
 * numbered bytes: the first one ever printed is number 0. Who attaches hands it standard input and output over a
 * socket and only waits: the holder itself reads and writes them, so that nothing is copied on its way. The newest
 * client takes over from the one before it; one that goes without a word is just gone, and the program runs on.
 *
 * Each way go frames: a letter, the length of what follows in four bytes, and that. Numbers are big-endian.
 *
 *   from the client   A  since (8), window (4)   send output from byte `since`; first of all, and once
 *                     T  through (8)             everything before byte `through` has been taken
 *                     I  bytes                   input
 *                     R  columns (2), rows (2)   the terminal's size
 *                     H                          hang up; also the answer to X, with which the holder goes
 *   to the client     F  from (8), printed (8)   the number of the first byte to come: `since`, or the oldest kept;
 *                                                and how many have been printed so far
 *                     O  bytes                   output
 *                     X  code (4)                the program has ended; nothing follows
 *                     N                          there is no holder with this ID (any more)
 *                     E  text                    none could be started
 *
 * No more than a window of output is sent ahead of what has been taken, and while a client is attached no more is
 * read from the terminal. With none, it is read and kept.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#ifndef FOLDER
#define FOLDER "/run/drydock"
#endif

enum {
  OUTPUT_KEPT = 2 << 20,
  INPUT_KEPT = 1 << 20,    /* what a program does not read is kept up to here, and dropped beyond */
  CHUNK = 32 << 10,        /* of output, to a frame */
  INPUT_FRAME = 16 << 10,  /* the longest frame that a client may send */
  LEFTOVER = 256 << 10,    /* read at most after the end: others may be printing without one */
  GRACE_MS = 2000,         /* from the hang-up to SIGKILL */
  GIVE_UP_MS = 7000,       /* from the hang-up to the holder's own end, whatever has not been taken */
};

/* Numbered bytes, the newest `size` of them. A page that was never written to costs no memory. */
struct ring { uint8_t *bytes; size_t size; uint64_t start, end; };

struct client {
  int link, in, out;             /* -1: none; link is the waiting process, and closing it ends that */
  int attached, told, parted;    /* has asked for output; has been sent X; has answered it */
  uint64_t sent, taken;
  uint32_t window;
  uint8_t frame[5 + INPUT_FRAME]; size_t frame_length;                     /* the beginning of a frame from it */
  uint8_t outbox[5 + CHUNK]; size_t outbox_length, outbox_sent;            /* a frame to it */
};

static struct ring output, input;
static struct client client = { -1, -1, -1 };
static struct sockaddr_un address = { AF_UNIX };
static int listener, terminal, terminal_end, children;  /* the program's end is kept open: nothing unread gets lost */
static pid_t program;
static int ended, drained, exit_code;
static int hung_up, cut, killed;                        /* cut: before it had ended */
static size_t leftover = LEFTOVER;
static int64_t hung_up_at;

static void put(uint8_t *to, uint64_t number, int bytes) {
  while (bytes-- > 0) { to[bytes] = number; number >>= 8; }
}

static uint64_t get(const uint8_t *from, int bytes) {
  uint64_t number = 0;
  while (bytes-- > 0) number = number << 8 | *from++;
  return number;
}

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void ring_make(struct ring *ring, size_t size) {
  ring->size = size;
  ring->bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (ring->bytes == MAP_FAILED) exit(1);
  madvise(ring->bytes, size, MADV_NOHUGEPAGE);
}

static void ring_append(struct ring *ring, const uint8_t *bytes, size_t length) {
  while (length > 0) {
    size_t at = ring->end % ring->size, part = length < ring->size - at ? length : ring->size - at;
    memcpy(ring->bytes + at, bytes, part);
    ring->end += part;
    bytes += part;
    length -= part;
  }
  if (ring->end - ring->start > ring->size) ring->start = ring->end - ring->size;
}

/* The bytes from number `from` as far as they lie in one piece. */
static size_t ring_piece(struct ring *ring, uint64_t from, uint8_t **piece) {
  size_t at = from % ring->size, length = ring->end - from;
  *piece = ring->bytes + at;
  return length < ring->size - at ? length : ring->size - at;
}

/* ---- the program and its terminal ---- */

/* What still runs on it is told so, and not left waiting until somebody reads. */
static void close_terminal(void) {
  if (terminal < 0) return;
  close(terminal);
  close(terminal_end);
  terminal = -1;
}

static void set_size(int columns, int rows) {
  struct winsize size = { rows, columns };
  ioctl(terminal, TIOCSWINSZ, &size);
}

/* A terminal, or -1. Deleting a character deletes all of its bytes. */
static int open_terminal(void) {
  struct termios mode;
  terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (terminal < 0 || grantpt(terminal) || unlockpt(terminal)) return -1;
  terminal_end = open(ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal_end < 0 || tcgetattr(terminal_end, &mode)) return -1;
  mode.c_iflag |= IUTF8;
  return tcsetattr(terminal_end, TCSANOW, &mode);
}

static void start_program(char **command) {
  program = fork();
  if (program != 0) return;
  setsid();
  ioctl(terminal_end, TIOCSCTTY, 0);
  for (int fd = 0; fd <= 2; fd++) dup2(terminal_end, fd);
  execvp(command[0], command);
  dprintf(2, "%s: %s\r\n", command[0], strerror(errno));
  _exit(127);
}

/* To all that runs on the terminal; what is meant to outlive it, such as under nohup, ignores SIGHUP. */
static int signal_session(int number) {
  int signalled = 0;
  DIR *processes = opendir("/proc");
  struct dirent *entry;
  while (processes && (entry = readdir(processes))) {
    pid_t pid = atoi(entry->d_name);
    if (pid > 0 && getsid(pid) == program && !kill(pid, number)) signalled++;
  }
  if (processes) closedir(processes);
  return signalled;
}

static void hang_up(void) {
  if (hung_up) return;
  hung_up = 1;
  hung_up_at = now_ms();
  if (ended) return;
  cut = 1;
  signal_session(SIGHUP);
  signal_session(SIGCONT);
}

static void reap(void) {
  struct signalfd_siginfo news;
  int status;
  while (read(children, &news, sizeof news) > 0) ;
  if (ended || waitpid(program, &status, WNOHANG) != program) return;
  ended = 1;
  exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int may_read(void) {
  return !drained && (!client.attached || output.end - client.taken < client.window);
}

/* What the program printed is read also after its end; behind that, an empty terminal is the end. */
static void read_terminal(void) {
  uint8_t bytes[4096];
  for (int budget = 16; budget > 0 && may_read(); budget--) {
    ssize_t length = read(terminal, bytes, sizeof bytes);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0 && errno == EAGAIN && !ended) return;
    if (length <= 0) { drained = 1; return; }
    ring_append(&output, bytes, length);
    if (ended && (leftover -= leftover < length ? leftover : length) == 0) drained = 1;
  }
}

static void write_terminal(void) {
  uint8_t *piece;
  while (terminal >= 0 && input.start < input.end) {
    size_t ready = ring_piece(&input, input.start, &piece);
    ssize_t length = write(terminal, piece, ready);
    if (length <= 0) return;
    input.start += length;
  }
  /* From the beginning again: short input never touches more than a page. */
  input.start = input.end = 0;
}

/* ---- the client ---- */

static void drop_client(void) {
  if (client.link >= 0) close(client.link);
  if (client.in >= 0) close(client.in);
  if (client.out >= 0) close(client.out);
  memset(&client, 0, offsetof(struct client, frame));
  client.link = client.in = client.out = -1;
  client.frame_length = client.outbox_length = client.outbox_sent = 0;
}

static void accept_client(void) {
  int link = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (link < 0) return;
  drop_client();
  client.link = link;
}

union rights { struct cmsghdr header; char space[CMSG_SPACE(2 * sizeof(int))]; };

/* The first to come over the link is standard input and output; next is its end. */
static void read_link(void) {
  char byte;
  union rights rights;
  struct iovec data = { &byte, 1 };
  struct msghdr message = { NULL, 0, &data, 1, &rights, sizeof rights, 0 };
  ssize_t length = recvmsg(client.link, &message, MSG_CMSG_CLOEXEC);
  if (length < 0 && (errno == EAGAIN || errno == EINTR)) return;
  struct cmsghdr *header = length > 0 ? CMSG_FIRSTHDR(&message) : NULL;
  if (client.in >= 0 || header == NULL || header->cmsg_len != CMSG_LEN(2 * sizeof(int))) { drop_client(); return; }
  int fds[2];
  memcpy(fds, CMSG_DATA(header), sizeof fds);
  client.in = fds[0];
  client.out = fds[1];
  for (int i = 0; i < 2; i++) fcntl(fds[i], F_SETFL, fcntl(fds[i], F_GETFL) | O_NONBLOCK);
}

static uint8_t *compose(char kind, size_t length) {
  client.outbox[0] = kind;
  put(client.outbox + 1, length, 4);
  client.outbox_length = 5 + length;
  client.outbox_sent = 0;
  return client.outbox + 5;
}

static int attach_client(uint64_t since, uint32_t window) {
  if (client.attached) return 0;
  client.attached = 1;
  client.sent = client.taken = since < output.start || since > output.end ? output.start : since;
  client.window = window < OUTPUT_KEPT / 2 ? window : OUTPUT_KEPT / 2;
  uint8_t *body = compose('F', 16);
  put(body, client.sent, 8);
  put(body + 8, output.end, 8);
  return 1;
}

/* Carries out one frame; 0 where it is none. */
static int obey(char kind, const uint8_t *body, size_t length) {
  if (kind == 'A' && length == 12) return attach_client(get(body, 8), get(body + 8, 4));
  if (kind == 'H' && length == 0) { client.parted = client.told; hang_up(); return 1; }
  if (!client.attached) return 0;
  if (kind == 'T' && length == 8) {
    uint64_t through = get(body, 8);
    if (through > client.taken && through <= client.sent) client.taken = through;
  } else if (kind == 'I') {
    if (input.end - input.start + length <= input.size) ring_append(&input, body, length);
  } else if (kind == 'R' && length == 4) {
    set_size(get(body, 2), get(body + 2, 2));
  } else return 0;
  return 1;
}

static void read_client(void) {
  ssize_t length = read(client.in, client.frame + client.frame_length, sizeof client.frame - client.frame_length);
  if (length < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (length <= 0) { drop_client(); return; }
  client.frame_length += length;
  size_t at = 0, size;
  while (client.frame_length - at >= 5) {
    size = get(client.frame + at + 1, 4);
    if (size > INPUT_FRAME) { drop_client(); return; }
    if (client.frame_length - at < 5 + size) break;
    if (!obey(client.frame[at], client.frame + at + 5, size)) { drop_client(); return; }
    at += 5 + size;
  }
  client.frame_length -= at;
  memmove(client.frame, client.frame + at, client.frame_length);
}

/* The next frame to send, if any: output as far as the window goes, then the end. */
static void compose_next(void) {
  uint8_t *piece;
  size_t length = ring_piece(&output, client.sent, &piece), room = client.window - (client.sent - client.taken);
  if (length > room) length = room;
  if (length > CHUNK) length = CHUNK;
  if (length > 0) {
    memcpy(compose('O', length), piece, length);
    client.sent += length;
  } else if (ended && drained && client.sent == output.end && !client.told) {
    put(compose('X', 4), exit_code, 4);
    client.told = 1;
  }
}

static void write_client(void) {
  while (client.attached) {
    if (client.outbox_sent == client.outbox_length) compose_next();
    if (client.outbox_sent == client.outbox_length) return;
    ssize_t length = write(client.out, client.outbox + client.outbox_sent, client.outbox_length - client.outbox_sent);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (length < 0) drop_client();
    else client.outbox_sent += length;
  }
}

/* ---- the holder ---- */

/* Told to hang up, it goes when its program has gone and a client that is there has answered that it was told. */
static int finished(void) {
  if (!hung_up) return 0;
  int64_t passed = now_ms() - hung_up_at;
  if (passed >= GIVE_UP_MS) return 1;
  if (passed >= GRACE_MS && !ended && !killed) { killed = 1; signal_session(SIGKILL); }
  if (!ended || (client.attached && !client.parted)) return 0;
  /* What the shell had only just started may have missed the signal. */
  return !cut || passed >= GRACE_MS || !signal_session(SIGHUP);
}

/* How long to wait for something to happen. */
static int patience(void) {
  if (ended && may_read()) return 0;
  if (!hung_up) return -1;
  if (ended) return 50;
  int64_t left = hung_up_at + (killed ? GIVE_UP_MS : GRACE_MS) - now_ms();
  return left > 0 ? left : 0;
}

static void hold(void) {
  while (!finished()) {
    int wants_out = client.attached && client.outbox_sent < client.outbox_length;
    struct pollfd polls[] = {
      { children, POLLIN }, { listener, POLLIN }, { client.link, POLLIN }, { client.in, POLLIN },
      { client.out, wants_out ? POLLOUT : 0 },
      { terminal, (may_read() ? POLLIN : 0) | (input.start < input.end ? POLLOUT : 0) },
    };
    if (poll(polls, 6, patience()) < 0) continue;
    if (polls[0].revents) reap();
    if (polls[3].revents) read_client();
    if (polls[2].revents && client.link >= 0) read_link();
    if (polls[4].revents & (POLLERR | POLLHUP)) drop_client();
    if (polls[1].revents) accept_client();
    write_terminal();
    read_terminal();
    if (ended && drained) close_terminal();
    write_client();
  }
}

/* Lets go of everything that belongs to whoever started it, and holds until the end. */
static void run_holder(char **command) {
  setsid();
  int nothing = open("/dev/null", O_RDWR);
  for (int fd = 0; fd <= 2; fd++) dup2(nothing, fd);
  if (nothing > 2) close(nothing);
  start_program(command);
  if (chdir("/")) exit(1);
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, NULL);
  children = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
  signal(SIGPIPE, SIG_IGN);
  ring_make(&output, OUTPUT_KEPT);
  ring_make(&input, INPUT_KEPT);
  reap();
  hold();
  unlink(address.sun_path);
  exit(0);
}

/* ---- whoever attaches ---- */

/* Say it and wait until the client goes: what it still writes must not fail before it has read this. */
static int say(char kind, const char *text) {
  uint8_t frame[5 + 256] = { kind };
  size_t length = strlen(text);
  put(frame + 1, length, 4);
  memcpy(frame + 5, text, length);
  if (write(1, frame, 5 + length) < 0) return 1;
  while (read(0, frame, sizeof frame) > 0) ;
  return 1;
}

static int fail(const char *what) {
  char text[256];
  snprintf(text, sizeof text, "%s: %s", what, strerror(errno));
  return say('E', text);
}

/* Hand over standard input and output, and wait until the holder lets go of them. */
static int attach(void) {
  int link = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(link, (struct sockaddr *)&address, sizeof address)) {
    if (errno == ECONNREFUSED) unlink(address.sun_path);
    return say('N', "");
  }
  char byte = 0;
  int fds[2] = { 0, 1 };
  union rights rights;
  struct iovec data = { &byte, 1 };
  struct msghdr message = { NULL, 0, &data, 1, &rights, sizeof rights, 0 };
  memset(&rights, 0, sizeof rights);
  rights.header.cmsg_level = SOL_SOCKET;
  rights.header.cmsg_type = SCM_RIGHTS;
  rights.header.cmsg_len = CMSG_LEN(sizeof fds);
  memcpy(CMSG_DATA(&rights.header), fds, sizeof fds);
  if (sendmsg(link, &message, 0) < 0) return 1;
  while (read(link, &byte, 1) < 0 && errno == EINTR) ;
  return 0;
}

static int open_holder(int columns, int rows, char **command) {
  mkdir(FOLDER, 0700);
  listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (bind(listener, (struct sockaddr *)&address, sizeof address)) return fail(address.sun_path);
  if (listen(listener, 4) || open_terminal()) { unlink(address.sun_path); return fail("no terminal"); }
  set_size(columns, rows);
  pid_t holder = fork();
  if (holder < 0) { unlink(address.sun_path); return fail("fork"); }
  if (holder == 0) run_holder(command);
  close(listener);
  close(terminal);
  close(terminal_end);
  return attach();
}

int main(int count, char **words) {
  /* A holder must not keep open for years what it was only given by oversight. */
  close_range(3, ~0U, 0);
  address.sun_family = AF_UNIX;
  if (count >= 3 && words[2][strspn(words[2], "0123456789abcdefghijklmnopqrstuvwxyz-")] == 0 &&
      snprintf(address.sun_path, sizeof address.sun_path, "%s/%s.sock", FOLDER, words[2]) < sizeof address.sun_path) {
    if (count == 3 && !strcmp(words[1], "attach")) return attach();
    if (count >= 6 && !strcmp(words[1], "open")) return open_holder(atoi(words[3]), atoi(words[4]), words + 5);
  }
  dprintf(2, "usage: drydock-pty open ID COLUMNS ROWS PROGRAM [ARGUMENT...] | attach ID\n");
  return 2;
}
