package io.openclaw.bench;

import io.netty.channel.EventLoop;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * A load run under way: one event loop that sends requests, reads answers and keeps the time.
 *
 * <p>One thread, because every figure then has one clock and no lock, and because a generator that
 * takes all cores measures itself. The methods a caller needs are thread-safe.
 */
final class LoadRun implements AutoCloseable, Loop.Host, Connections.Listener {
  /** How exactly timeouts are kept. */
  private static final long TICK_MILLIS = 5;

  private static final long PROGRESS_MILLIS = 1_000;
  private static final long CLOSE_SECONDS_MAX = 5;

  private final LoadPlan plan;
  private final Vertx vertx;
  private final ContextInternal context;
  private final EventLoop eventLoop;
  private final long originNanos;
  private final Recorder recorder;
  private final Loop loop;
  private final List<Long> timers = new ArrayList<>();
  private final List<Connections> connections = new ArrayList<>();
  private final CompletableFuture<LoadReport> report = new CompletableFuture<>();

  /** In the order in which they were due, which is the order in which they time out. */
  private final LinkedHashSet<Exchange> inFlight = new LinkedHashSet<>();

  private boolean sendingOver;

  LoadRun(Vertx vertx, LoadPlan plan) throws IOException {
    this.plan = plan;
    this.vertx = vertx;
    this.originNanos = System.nanoTime();
    Instant origin = Instant.now();
    long originEpochNanos = origin.getEpochSecond() * 1_000_000_000 + origin.getNano();
    this.recorder = new Recorder(plan, plan.warmupNanos(), originEpochNanos, originNanos);
    this.context = (ContextInternal) vertx.getOrCreateContext();
    // Vert.x timers count milliseconds; a request every 100 µs needs the event loop's own.
    this.eventLoop = context.nettyEventLoop();
    this.loop =
        switch (plan.pace()) {
          case Pace.Closed c -> new ClosedLoop(plan, this);
          case Pace.Open o -> new OpenLoop(plan, o, this, recorder);
        };
  }

  /**
   * Begins a run on a generator that is warm.
   *
   * @param progress told once a second how far it is, on the event loop: must not block
   * @throws IOException if the record file cannot be written
   */
  static LoadRun start(LoadPlan plan, Consumer<Progress> progress)
      throws IOException, InterruptedException {
    Vertx vertx =
        Vertx.vertx(
            new VertxOptions()
                .setPreferNativeTransport(true)
                .setUseDaemonThread(true)
                .setEventLoopPoolSize(1));
    Rehearsal.once(vertx);
    return new LoadRun(vertx, plan).begin(progress);
  }

  LoadRun begin(Consumer<Progress> progress) {
    context.exceptionHandler(this::fail);
    context.runOnContext(nothing -> beginInContext(progress));
    return this;
  }

  private void beginInContext(Consumer<Progress> progress) {
    NetClient client =
        vertx.createNetClient(
            new NetClientOptions()
                .setConnectTimeout(
                    Math.clamp(plan.timeoutNanos() / 1_000_000, 1, Integer.MAX_VALUE))
                .setHostnameVerificationAlgorithm("HTTPS"));
    for (int i = 0; i < plan.targets().size(); i++) {
      Target target = plan.targets().get(i);
      connections.add(
          new Connections(
              client, target, plan.template(), plan.connectionsOf(i), this, this::nowNanos));
    }
    timers.add(vertx.setPeriodic(TICK_MILLIS, id -> expire()));
    timers.add(
        vertx.setPeriodic(
            PROGRESS_MILLIS,
            id -> progress.accept(recorder.progress(nowNanos(), inFlight.size()))));
    loop.start();
  }

  /** Waits for the report; throws what made the run impossible. */
  public LoadReport await() throws InterruptedException, IOException {
    try {
      return report.get();
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getCause()), e.getCause());
    }
  }

  /** Ends the run now; the report holds the results so far. */
  public void stop() {
    if (report.isDone()) {
      return;
    }
    context.runOnContext(
        nothing -> {
          if (!report.isDone()) {
            long now = nowNanos();
            inFlight.forEach(exchange -> recorder.ended(exchange, new Outcome.Aborted(), now));
            finish(now, true);
          }
        });
  }

  /** Closes the connections and the event loop. */
  @Override
  public void close() {
    stop();
    try {
      vertx.close().await(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      // Its threads are daemons and end with the program.
    }
  }

  private void finish(long dueUntilNanos, boolean interrupted) {
    timers.forEach(vertx::cancelTimer);
    connections.forEach(Connections::close);
    try {
      recorder.close();
    } catch (IOException e) {
      fail(e);
    }
    report.complete(recorder.report(dueUntilNanos, interrupted));
  }

  private void fail(Throwable failure) {
    report.completeExceptionally(failure);
  }

  private void expire() {
    long before = nowNanos() - plan.timeoutNanos();
    while (!inFlight.isEmpty() && !report.isDone()) {
      Exchange oldest = inFlight.getFirst();
      if (oldest.dueNanos > before) {
        return;
      }
      Connection connection = oldest.connection;
      if (connection != null) {
        connection.abandon();
      }
      ended(oldest, new Outcome.Failed(ErrorKind.TIMEOUT));
    }
  }

  @Override
  public long nowNanos() {
    return System.nanoTime() - originNanos;
  }

  @Override
  public int inFlight() {
    return inFlight.size();
  }

  @Override
  public Exchange begin(int target, int body, long dueNanos, boolean recorded) {
    Exchange exchange = new Exchange(target, body, dueNanos, recorded);
    inFlight.add(exchange);
    connections.get(target).send(exchange);
    return exchange;
  }

  @Override
  public void after(long delayNanos, Runnable task) {
    Runnable inContext =
        () ->
            context.emit(
                nothing -> {
                  if (!report.isDone()) {
                    task.run();
                  }
                });
    if (delayNanos <= 0) {
      eventLoop.execute(inContext);
    } else {
      ScheduledFuture<?> _ = eventLoop.schedule(inContext, delayNanos, TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void sendingIsOver() {
    sendingOver = true;
    finishIfDone();
  }

  private void finishIfDone() {
    if (sendingOver && inFlight.isEmpty() && !report.isDone()) {
      finish(loop.plannedEndNanos(), false);
    }
  }

  @Override
  public void ended(Exchange exchange, Outcome outcome) {
    if (exchange.done || report.isDone()) {
      return;
    }
    exchange.done = true;
    exchange.connection = null;
    inFlight.remove(exchange);
    recorder.ended(exchange, outcome, nowNanos());
    loop.ended(exchange, outcome);
    finishIfDone();
  }

  @Override
  public void queued(Exchange exchange) {
    recorder.queued(exchange);
  }

  @Override
  public void explain(String detail) {
    recorder.explain(detail);
  }
}
