package io.openclaw.client;

import io.openclaw.client.PlainJson.Malformed;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The results of a batch, in the order of its inputs, as they come.
 *
 * <p>Inputs are taken from their iterator, by the thread that reads the results, up to {@value
 * #INPUTS_MAX} for each of {@value #CHUNKS_MAX} requests ahead of the one whose results are being
 * read; so a batch may be of any length, holds little memory, and goes as fast as it is read. Each
 * part of up to {@value #INPUTS_MAX} inputs is one request ({@code POST /v1/rate/batch}) to the
 * region that is best then: a region that dies costs the parts that it had, and what is begun until
 * that is known. For one thread. Closing gives up what is under way.
 *
 * <p>What is thrown while inputs are taken (by their iterator, of an input that is none, by the
 * supplier of the API key) is thrown on, where the first result would be that is missing for it;
 * then the batch is over.
 */
public final class BatchResults implements Iterator<BatchResult>, AutoCloseable {
  /** Inputs of one request. */
  static final int INPUTS_MAX = 100;

  /**
   * Bytes of one request, but for a single longer input. So few fit into the buffers of a
   * connection, so that a region which does not read on until its answer is read stops nobody.
   */
  static final int BYTES_MAX = 64 << 10;

  /** Requests under way: one is rated while the other's results are read. */
  static final int CHUNKS_MAX = 2;

  private record Chunk(long firstIndex, int inputs, Call call) {}

  private final Fleet fleet;
  private final Iterator<RateRequest> inputs;
  private final Deque<Chunk> underWay = new ArrayDeque<>(CHUNKS_MAX);
  private final Deque<BatchResult> ready = new ArrayDeque<>(INPUTS_MAX);
  private byte @Nullable [] pending;
  private @Nullable RuntimeException fault;
  private long nextIndex;
  private boolean closed;

  BatchResults(Fleet fleet, Iterator<RateRequest> inputs) {
    this.fleet = fleet;
    this.inputs = inputs;
  }

  /** Whether there is another result; throws what {@link #next} would throw in its place. */
  @Override
  public boolean hasNext() {
    if (closed) {
      return false;
    }
    fill();
    boolean more = !ready.isEmpty() || !underWay.isEmpty();
    RuntimeException thrown = fault;
    if (!more && thrown != null) {
      close();
      throw thrown;
    }
    return more;
  }

  /**
   * The next input's result; waits for it. After an exception the batch is over.
   *
   * @throws NoSuchElementException after the last one
   * @throws CallEndedException if the thread is interrupted while it waits
   * @throws IllegalArgumentException where the next input has an idempotency key, which is for
   *     single ratings
   * @throws RuntimeException what the inputs' iterator threw in place of the next one, or the
   *     supplier of the API key when it was to be sent
   */
  @Override
  public BatchResult next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the batch has ended");
    }
    while (ready.isEmpty()) {
      take(underWay.remove());
    }
    return ready.remove();
  }

  /** Gives up what is under way; inputs not taken yet are not taken. */
  @Override
  public void close() {
    closed = true;
    ready.clear();
    for (Chunk chunk : underWay) {
      chunk.call.end("the batch was closed");
    }
    underWay.clear();
  }

  private void fill() {
    while (underWay.size() < CHUNKS_MAX && isPending()) {
      ByteArrayOutputStream lines = new ByteArrayOutputStream(4096);
      int count = 0;
      while (count < INPUTS_MAX && isPending()) {
        byte[] line = Objects.requireNonNull(pending);
        if (count > 0 && lines.size() + line.length > BYTES_MAX) {
          break;
        }
        lines.writeBytes(line);
        pending = null;
        count++;
      }
      send(lines.toByteArray(), count);
    }
  }

  /** Whether there is another input; takes it, if none is pending. */
  private boolean isPending() {
    try {
      if (pending == null && fault == null && inputs.hasNext()) {
        pending = line(inputs.next());
      }
    } catch (RuntimeException e) {
      fault = e; // the results of the inputs before it come first
    }
    return pending != null;
  }

  private void send(byte[] lines, int count) {
    try {
      Order order = Order.batch(lines, fleet.settings.repeatBatches());
      underWay.add(new Chunk(nextIndex, count, Call.start(fleet, order)));
      nextIndex += count;
    } catch (RuntimeException e) { // of the supplier of the API key
      fault = e;
      pending = null;
    }
  }

  /**
   * An input on a line of its own. A tab is white space wherever a line break is, and refused
   * wherever a line break is, in a string; so what is wrong stays wrong.
   */
  private static byte[] line(RateRequest request) {
    if (request.idempotencyKey() != null) {
      throw new IllegalArgumentException(
          "idempotency key: of an input of a batch (expected: none, it is for single ratings)");
    }
    byte[] body = request.body();
    byte[] line = Arrays.copyOf(body, body.length + 1);
    for (int i = 0; i < body.length; i++) {
      if (line[i] == '\n' || line[i] == '\r') {
        line[i] = '\t';
      }
    }
    line[body.length] = '\n';
    return line;
  }

  private void take(Chunk chunk) {
    Answer answer;
    try {
      answer = chunk.call.result().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      chunk.call.end("interrupted");
      close();
      throw new CallEndedException("interrupted", List.of());
    } catch (ExecutionException e) {
      unanswered(chunk, 0, OpenClawClient.failure(e.getCause()));
      return;
    }
    if (!answer.isGood()) {
      ProblemDetails problem = AnswerReader.problem(answer);
      for (int i = 0; i < chunk.inputs; i++) {
        ready.add(new BatchResult.Refused(chunk.firstIndex + i, problem, answer.region()));
      }
      return;
    }
    lines(chunk, answer);
  }

  private void lines(Chunk chunk, Answer answer) {
    int taken = 0;
    try {
      String text = new String(answer.body(), StandardCharsets.UTF_8);
      for (String line : text.split("\n", -1)) {
        if (line.isBlank() || taken == chunk.inputs) {
          continue;
        }
        PlainJson document = PlainJson.read(line.getBytes(StandardCharsets.UTF_8));
        if (document.has("error")) { // what is wrong with the rest of them
          ProblemDetails problem = AnswerReader.problem(document.object("error"), null);
          while (taken < chunk.inputs) {
            long index = chunk.firstIndex + taken++;
            ready.add(new BatchResult.Refused(index, problem, answer.region()));
          }
        } else {
          ready.add(result(chunk.firstIndex + taken, taken, document, answer));
          taken++;
        }
      }
      if (taken < chunk.inputs) {
        throw new Malformed(taken + " lines (expected: " + chunk.inputs + ")");
      }
    } catch (Malformed e) {
      unanswered(chunk, taken, AnswerReader.invalid(answer, e.getMessage()));
    }
  }

  private static BatchResult result(long index, int place, PlainJson line, Answer answer)
      throws Malformed {
    if (line.whole("index") != place) {
      throw new Malformed("index: " + line.whole("index") + " (expected: " + place + ")");
    }
    return line.whole("status") == 200
        ? new BatchResult.Rated(index, AnswerReader.rating(line, answer))
        : new BatchResult.Refused(index, AnswerReader.problem(line, null), answer.region());
  }

  private void unanswered(Chunk chunk, int from, RatingException cause) {
    for (int i = from; i < chunk.inputs; i++) {
      ready.add(new BatchResult.Unanswered(chunk.firstIndex + i, cause));
    }
  }
}
