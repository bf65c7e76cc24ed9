# Whether the web server on host02 shows the page that lies on this host, host01.
# The last "en:" and "zh-CN:" lines are the reason that the learner reads.

if ! page=$(curl --silent --show-error --max-time 5 "http://$HOST2_IP:8080/"); then
  echo "en: host02 does not answer on port 8080. Is the container “web” running there?"
  echo "zh-CN: host02 的 8080 端口没有应答。容器 web 在那里运行吗？"
  exit 1
fi

# $ROOT is where this host's files are.
if [ "$page" != "$(cat "$ROOT/root/index.html")" ]; then
  echo "en: host02 shows another page than /root/index.html on host01; it begins with “${page:0:60}”."
  echo "zh-CN: host02 显示的页面与 host01 上的 /root/index.html 不同；它的开头是 “${page:0:60}”。"
  exit 1
fi
