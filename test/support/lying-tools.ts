/** The real Docker client of a host whose tools were replaced. */
export const REAL_DOCKER = '/root/real/docker';

const REDIS = `$(${REAL_DOCKER} ps -qf name=redis)`;

/** For a shell on a host: puts a liar in the place of each tool that a check could use, there and in its Redis. */
export const REPLACE_TOOLS = String.raw`
  mkdir -p /root/real /root/liars
  cp "$(command -v docker)" ${REAL_DOCKER}
  printf '#!/bin/sh\ncat /root/says; exit "$(cat /root/code)"\n' > /root/liars/docker
  chmod +x /root/liars/docker
  for tool in curl dig wget redis-cli; do cp /root/liars/docker /root/liars/$tool; done
  for liar in /root/liars/*; do rm -f /usr/bin/$(basename $liar); cp $liar /usr/bin/; done
  echo 'export PATH=/root/liars:$PATH' >> /root/.profile
  echo '192.0.2.1 host01 host02' > /etc/hosts
  for container in ${REDIS}; do
    ${REAL_DOCKER} exec -u 0 $container sh -c '
      cd /usr/bin; busybox cp redis-cli /data/real; busybox rm redis-cli
      printf "#!/bin/sh\necho 999\n" > redis-cli; busybox chmod 755 redis-cli'
  done`;

/** What the liars of a host print from now on, and their exit code. */
export const letToolsSay = (text: string, code: number): string =>
  `printf '%s\\n' '${text}' > /root/says; echo ${code} > /root/code`;

/** Sets the lab's count of requests to none, where the host has its Redis. */
export const FORGET_REQUESTS = `for container in ${REDIS}; do ${REAL_DOCKER} exec $container /data/real set requests 0; done`;
