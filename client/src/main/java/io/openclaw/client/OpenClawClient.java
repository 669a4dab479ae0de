package io.openclaw.client;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A client of the rating API that finds the nearest healthy region itself.
 *
 * <p>It watches the regions' health, sends each call to the best, tries it elsewhere where that is
 * safe, within the call's timeout and a retry budget of 10 % of calls (at least 10 a second), and
 * answers with typed results. Failures are {@link RatingException}s. What is tried when: {@code
 * docs/client.md}.
 *
 * <p>Thread-safe; make one and keep it. It has one thread of its own, a daemon, and, unless an HTTP
 * client was given to it, that of the JDK's HTTP client; what waits does so on virtual threads.
 * {@link #close} ends all calls under way.
 */
public final class OpenClawClient implements AutoCloseable {
  private final Fleet fleet;

  OpenClawClient(Fleet fleet) {
    this.fleet = fleet;
  }

  /** The settings of a client to be built. */
  public static ClientBuilder builder() {
    return new ClientBuilder();
  }

  /**
   * Rates one input; waits for the answer.
   *
   * @throws ProblemException where a region refused it
   * @throws NoRegionException where no region answered in time
   * @throws InvalidAnswerException where the answer is none
   * @throws CallEndedException where the client was closed or the thread interrupted
   * @throws RuntimeException what the supplier of the API key threw
   */
  public RateResult rate(RateRequest request) {
    return await(rateAsync(request));
  }

  /**
   * Rates one input. The future fails with what {@link #rate} throws. Completing it from outside,
   * as by cancelling it or {@code orTimeout}, gives the rating up, which a region may have made all
   * the same. What hangs on it when the client completes it runs on a virtual thread and may block.
   */
  public CompletableFuture<RateResult> rateAsync(RateRequest request) {
    boolean newKey = request.idempotencyKey() == null && fleet.settings.idempotencyKeys();
    Order order = Order.rating(request, newKey ? UUID.randomUUID().toString() : null);
    return call(order, AnswerReader::rating);
  }

  /** Rates many inputs, of any number; the results come in their order, as they are read. */
  public BatchResults batch(Iterator<RateRequest> inputs) {
    return new BatchResults(fleet, inputs);
  }

  /** Rates many inputs, of any number; the results come in their order, as they are read. */
  public BatchResults batch(Stream<RateRequest> inputs) {
    return batch(inputs.iterator());
  }

  /** The caller's limits, as the nearest region knows them; throws what {@link #rate} does. */
  public Limits limits() {
    return await(call(Order.question("/v1/limits"), (document, answer) -> Limits.of(document)));
  }

  /** The caller's models; throws what {@link #rate} does. */
  public List<ModelInfo> models() {
    return await(
        call(
            Order.question("/v1/models"),
            (document, answer) -> {
              List<ModelInfo> models = new ArrayList<>();
              for (PlainJson model : document.objects("models")) {
                models.add(ModelInfo.of(model));
              }
              return List.copyOf(models);
            }));
  }

  /** What one of the caller's models takes; throws what {@link #rate} does. */
  public ModelInfo.Detail model(String name) {
    String path = URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    return await(
        call(
            Order.question("/v1/models/" + path),
            (document, answer) -> ModelInfo.Detail.of(document)));
  }

  /** What is thought of each region now. */
  public List<RegionStatus> regions() {
    List<RegionStatus> regions = new ArrayList<>();
    for (int i = 0; i < fleet.view.size(); i++) {
      var health = fleet.view.health(i);
      regions.add(
          new RegionStatus(
              fleet.view.name(i),
              fleet.url(i),
              health.state().name().toLowerCase(Locale.ROOT),
              Duration.ofNanos(Math.round(health.latencyNanos())),
              fleet.view.inFlight(i)));
    }
    return List.copyOf(regions);
  }

  /** What was done so far. */
  public ClientStats stats() {
    return new ClientStats(
        fleet.begun.sum(),
        fleet.retries.sum(),
        fleet.hedges.sum(),
        fleet.hedgesWon.sum(),
        fleet.diverted.sum(),
        fleet.paced.sum(),
        fleet.ejections.sum());
  }

  /** Ends the probes and all calls under way, which fail with {@link CallEndedException}. */
  @Override
  public void close() {
    fleet.close();
  }

  /** The regions only. */
  @Override
  public String toString() {
    return "OpenClawClient" + fleet.view.names();
  }

  private <T> CompletableFuture<T> call(Order order, AnswerReader.Form<T> form) {
    Call call;
    try {
      call = Call.start(fleet, order);
    } catch (RuntimeException e) { // of the supplier of the API key
      return CompletableFuture.failedFuture(e);
    }
    CompletableFuture<T> outcome = new CompletableFuture<>();
    var _ =
        call.result()
            .whenComplete(
                (answer, failure) -> {
                  if (failure != null) {
                    outcome.completeExceptionally(failure);
                    return;
                  }
                  try {
                    outcome.complete(AnswerReader.read(answer, form));
                  } catch (RuntimeException e) {
                    outcome.completeExceptionally(e);
                  }
                });
    // Nothing is left to end unless it was completed from outside.
    var _ = outcome.whenComplete((value, failure) -> call.end("given up by its caller"));
    return outcome;
  }

  private static <T> T await(CompletableFuture<T> outcome) {
    try {
      return outcome.get();
    } catch (InterruptedException e) {
      outcome.cancel(true);
      Thread.currentThread().interrupt();
      throw new CallEndedException("interrupted", List.of());
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    }
  }

  /** A call fails with one of ours, or with what the supplier of the API key threw. */
  static RatingException failure(@Nullable Throwable cause) {
    return switch (cause) {
      case RatingException known -> known;
      case RuntimeException theirs -> throw theirs;
      case null, default -> throw new IllegalStateException("the client failed", cause);
    };
  }
}
