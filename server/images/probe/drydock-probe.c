/*
 * Opens connections beside a lab's host: in the host's network, and to the socket of its engine. It runs in a
 * container of its own, so that nothing that a learner does to the host's files changes it.
 *
 *   drydock-probe                  sleep until killed: what keeps the container
 *   drydock-probe connect          open connections for whoever is at standard input and output, until that ends
 *   drydock-probe connect NETWORK  the same from another network, a file such as /proc/PID/ns/net
 *
 * Any number of connections share the two streams. Each way go frames: a letter, the connection's number and the
 * length of what follows in four bytes each, and that. Numbers are big-endian; the client chooses those of connections.
 *
 *   from the client   U  path                   connect to a Unix socket
 *                     T  address (4), port (2)  connect over TCP
 *                     D  bytes                  data
 *                     E                         no more data follows
 *                     C                         close; nothing more is wanted of it
 *                     W  bytes (4)              so many bytes of data have been taken
 *   to the client     O                         connected
 *                     D, E, W                   as above
 *                     C  text                   closed, and why where it broke or was never made; nothing follows
 *
 * No more than a window of data is sent ahead of what has been taken, either way, so that one connection that nobody
 * reads does not hold up the others.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
  CONNECTIONS = 64,
  WINDOW = 64 << 10,
  CHUNK = 16 << 10,  /* the longest that follows a frame's header */
  HEADER = 9,
};

struct connection {
  uint32_t number;
  int socket, connecting;
  int ended, peer_ended;         /* no more comes from the client; from the peer */
  uint32_t credit;               /* bytes that may be sent to the client */
  uint8_t *waiting;              /* from the client, not yet written to the socket; at most a window */
  size_t waiting_from, waiting_to;
};

static struct connection connections[CONNECTIONS];
static int count;

static uint32_t get(const uint8_t *from) {
  return (uint32_t)from[0] << 24 | from[1] << 16 | from[2] << 8 | from[3];
}

static void put(uint8_t *to, uint32_t number) {
  for (int i = 3; i >= 0; i--) { to[i] = number; number >>= 8; }
}

/* May wait: the client reads at all times, as no connection sends it more than it has room for. */
static void write_all(const uint8_t *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = write(1, bytes, length);
    if (written < 0 && errno != EINTR) exit(1);
    if (written > 0) { bytes += written; length -= written; }
  }
}

static void tell(char kind, uint32_t number, const void *body, size_t length) {
  uint8_t frame[HEADER + CHUNK];
  frame[0] = kind;
  put(frame + 1, number);
  put(frame + 5, length);
  memcpy(frame + HEADER, body, length);
  write_all(frame, HEADER + length);
}

static void refuse(uint32_t number, const char *reason) { tell('C', number, reason, strlen(reason)); }

/* The last connection takes the place of one that goes. */
static void drop(struct connection *gone) {
  close(gone->socket);
  free(gone->waiting);
  *gone = connections[--count];
}

static void break_off(struct connection *broken, int error) {
  refuse(broken->number, strerror(error));
  drop(broken);
}

/* True where it has gone. */
static int drop_if_over(struct connection *each) {
  if (!each->ended || !each->peer_ended || each->waiting_from < each->waiting_to) return 0;
  refuse(each->number, "");
  drop(each);
  return 1;
}

/* Write what waits. True where the connection has gone. */
static int flush(struct connection *to) {
  while (to->waiting_from < to->waiting_to) {
    ssize_t written = send(to->socket, to->waiting + to->waiting_from, to->waiting_to - to->waiting_from, MSG_NOSIGNAL);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) return 0;
    if (written < 0) { break_off(to, errno); return 1; }
    to->waiting_from += written;
    uint8_t taken[4];
    put(taken, written);
    tell('W', to->number, taken, sizeof taken);
  }
  to->waiting_from = to->waiting_to = 0;
  if (to->ended) shutdown(to->socket, SHUT_WR);
  return drop_if_over(to);
}

static void take(struct connection *from) {
  uint8_t bytes[CHUNK];
  ssize_t length = recv(from->socket, bytes, from->credit < CHUNK ? from->credit : CHUNK, 0);
  if (length < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (length < 0) { break_off(from, errno); return; }
  if (length > 0) {
    from->credit -= length;
    tell('D', from->number, bytes, length);
    return;
  }
  from->peer_ended = 1;
  tell('E', from->number, "", 0);
  drop_if_over(from);
}

static void finish_connecting(struct connection *each) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(each->socket, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) { break_off(each, error); return; }
  each->connecting = 0;
  tell('O', each->number, "", 0);
  flush(each);
}

static void open_connection(uint32_t number, const struct sockaddr *address, socklen_t size) {
  if (count == CONNECTIONS) { refuse(number, "Too many connections"); return; }
  struct connection *new = &connections[count];
  memset(new, 0, sizeof *new);
  new->number = number;
  new->credit = WINDOW;
  new->waiting = malloc(WINDOW);
  new->socket = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (new->waiting == NULL || new->socket < 0) exit(1);
  count++;
  if (connect(new->socket, address, size) == 0 || errno == EINPROGRESS) new->connecting = 1;
  else break_off(new, errno);
}

/* What the client says of a connection that has gone meanwhile is passed over; what it must not say ends it all. */
static void obey(char kind, uint32_t number, const uint8_t *body, size_t length) {
  if (kind == 'U') {
    struct sockaddr_un address = { AF_UNIX };
    if (length >= sizeof address.sun_path) exit(1);
    memcpy(address.sun_path, body, length);
    open_connection(number, (struct sockaddr *)&address, sizeof address);
    return;
  }
  if (kind == 'T') {
    struct sockaddr_in address = { AF_INET };
    if (length != 6) exit(1);
    memcpy(&address.sin_addr, body, 4);
    memcpy(&address.sin_port, body + 4, 2);
    open_connection(number, (struct sockaddr *)&address, sizeof address);
    return;
  }
  struct connection *known = connections;
  while (known < connections + count && known->number != number) known++;
  if (known == connections + count) return;
  if (kind == 'C') {
    drop(known);
  } else if (kind == 'W' && length == 4) {
    known->credit += get(body);
  } else if (kind == 'E') {
    known->ended = 1;
    if (!known->connecting) flush(known);
  } else if (kind == 'D') {
    if (known->waiting_from > 0) {
      memmove(known->waiting, known->waiting + known->waiting_from, known->waiting_to - known->waiting_from);
      known->waiting_to -= known->waiting_from;
      known->waiting_from = 0;
    }
    if (length > WINDOW - known->waiting_to) exit(1);
    memcpy(known->waiting + known->waiting_to, body, length);
    known->waiting_to += length;
    if (!known->connecting) flush(known);
  } else {
    exit(1);
  }
}

static void read_client(void) {
  static uint8_t frame[HEADER + CHUNK];
  static size_t have;
  ssize_t length = read(0, frame + have, sizeof frame - have);
  if (length < 0 && errno == EINTR) return;
  if (length <= 0) exit(0);
  have += length;
  size_t at = 0;
  while (have - at >= HEADER) {
    uint32_t body = get(frame + at + 5);
    if (body > CHUNK) exit(1);
    if (have - at < HEADER + body) break;
    obey(frame[at], get(frame + at + 1), frame + at + HEADER, body);
    at += HEADER + body;
  }
  memmove(frame, frame + at, have - at);
  have -= at;
}

static int may_take(const struct connection *each) { return !each->peer_ended && each->credit > 0; }

/* A socket that nothing is wanted of is left out: its peer's end would wake us again and again. */
static struct pollfd wanted_of(const struct connection *each) {
  short events = 0;
  if (each->connecting || each->waiting_from < each->waiting_to) events |= POLLOUT;
  if (!each->connecting && may_take(each)) events |= POLLIN;
  return (struct pollfd){ .fd = events == 0 ? -1 : each->socket, .events = events };
}

static void serve(void) {
  for (;;) {
    struct pollfd polled[1 + CONNECTIONS] = { { .fd = 0, .events = POLLIN } };
    for (int i = 0; i < count; i++) polled[1 + i] = wanted_of(&connections[i]);
    if (poll(polled, 1 + count, -1) < 0) {
      if (errno == EINTR) continue;
      exit(1);
    }
    /* From the last on: whatever takes the place of one that goes has been served. */
    for (int i = count - 1; i >= 0; i--) {
      struct connection *each = &connections[i];
      short events = polled[1 + i].revents;
      if (events == 0) continue;
      if (each->connecting) finish_connecting(each);
      else if (!flush(each) && may_take(each) && events & ~POLLOUT) take(each);
    }
    if (polled[0].revents != 0) read_client();
  }
}

int main(int argc, char **argv) {
  if (argc < 2) for (;;) pause();
  if (argc > 3 || strcmp(argv[1], "connect") != 0) return 2;
  if (argc == 3) {
    int network = open(argv[2], O_RDONLY | O_CLOEXEC);
    if (network < 0 || setns(network, CLONE_NEWNET) != 0) return 1;
    close(network);
  }
  signal(SIGPIPE, SIG_IGN);
  serve();
}
