import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.opensearch.common.logging.LogConfigurator;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.Node;
import org.opensearch.transport.Netty4Plugin;

/** One OpenSearch node on loopback: Engine HOME DATA HTTP_PORT TRANSPORT_PORT. Runs until it is killed. */
public final class Engine extends Node {
  private Engine(Environment environment) {
    super(environment, List.of(Netty4Plugin.class), false);
  }

  public static void main(String[] args) throws Exception {
    Path home = Path.of(args[0]);
    Settings settings = Settings.builder()
        .put("path.home", home)
        .put("path.data", args[1])
        .put("path.logs", args[1])
        .put("http.port", args[2])
        .put("transport.port", args[3])
        .put("http.type", "netty4")
        .put("transport.type", "netty4")
        .put("network.host", "127.0.0.1")
        .put("discovery.type", "single-node")
        .put("cluster.routing.allocation.disk.threshold_enabled", false)
        .put("cluster.name", "mentiond-test")
        .put("node.name", "engine")
        .build();
    LogConfigurator.configureWithoutConfig(settings);
    Engine node = new Engine(new Environment(settings, home.resolve("config")));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      try {
        node.close();
      } catch (Exception e) {
        e.printStackTrace();
      }
    }));
    node.start();
    new CountDownLatch(1).await();  // the node's own threads do not keep the process alive
  }
}
