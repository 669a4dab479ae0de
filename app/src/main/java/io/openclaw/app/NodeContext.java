package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/** What the parts of a node are made with, and what is to be closed with it. */
final class NodeContext implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.openclaw.app");
  private static final long START_SECONDS_MAX = 30;
  private static final long SAVE_MILLIS = 500;

  final NodeConfig config;
  final NodeTls tls;
  final Clock clock;
  final Vertx vertx;
  final DataDirectory data;
  final NodeMetrics metrics;
  final LogStates logs = new LogStates();
  final SecureRandom random;
  private final List<AutoCloseable> closing = new ArrayList<>();

  NodeContext(
      NodeConfig config,
      NodeTls tls,
      Clock clock,
      Vertx vertx,
      DataDirectory data,
      SecureRandom random) {
    this.config = config;
    this.tls = tls;
    this.clock = clock;
    this.vertx = vertx;
    this.data = data;
    this.random = random;
    this.metrics = new NodeMetrics(config.region(), Version.TEXT);
    tls.register(metrics, config.region());
    logs.register(metrics, config.region());
    closing.add(tls);
  }

  String region() {
    return config.region();
  }

  boolean isAlone() {
    return config.regions().size() == 1;
  }

  /** Has a part closed with the node, those that were made last first. */
  <T extends AutoCloseable> T closing(T part) {
    closing.add(part);
    return part;
  }

  /** Does something again and again; it must not block. */
  void every(long millis, Runnable action) {
    long timer = vertx.setPeriodic(millis, id -> action.run());
    closing.add(() -> vertx.cancelTimer(timer));
  }

  /** Writes to disk. */
  @FunctionalInterface
  interface Saving {
    void save() throws IOException;
  }

  /**
   * Saves now and then what has changed, and once more at the end.
   *
   * @param what what it is, for a log
   */
  void saved(String what, Saving saving) {
    long timer = vertx.setPeriodic(SAVE_MILLIS, id -> save(what, saving));
    closing.add(
        () -> {
          vertx.cancelTimer(timer);
          saving.save();
        });
  }

  /** Saves at once, on a thread that may block. */
  void save(String what, Saving saving) {
    vertx
        .executeBlocking(
            () -> {
              saving.save();
              return true;
            })
        .onFailure(e -> LOG.log(Level.ERROR, what + " could not be stored", e));
  }

  /** Waits for what a start, or an end, needs. */
  static <T> T await(Future<T> future) throws IOException {
    return Waiting.await(future, START_SECONDS_MAX);
  }

  /** Closes every part, the event loops and the data folder, whatever goes wrong with one. */
  @Override
  public void close() {
    closing.reversed().forEach(NodeContext::quietly);
    quietly(() -> await(vertx.close()));
    quietly(data);
  }

  static void quietly(AutoCloseable step) {
    try {
      step.close();
    } catch (Exception e) {
      LOG.log(Level.WARNING, "while stopping", e);
    }
  }
}
