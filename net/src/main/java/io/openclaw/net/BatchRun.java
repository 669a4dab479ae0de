package io.openclaw.net;

import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.openclaw.edge.Answered;
import io.openclaw.edge.Bulk;
import io.openclaw.edge.ItemLine;
import io.openclaw.edge.ItemSplitter;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * One batch on its event loop: reads a part of the body, rates what inputs it holds in chunks, and
 * writes their lines in order; reads on only when those are on their way. So it holds one part of
 * the body, one chunk and one write queue, whatever the client does.
 */
final class BatchRun implements Exchange.Streaming {
  /** Inputs of one chunk. */
  static final int CHUNK_ITEMS_MAX = 64;

  /** Bytes of inputs after which a chunk takes no more. */
  private static final int CHUNK_BYTES_MAX = 256 << 10;

  /** How long one chunk may keep the event loop before it is answered as far as it has come. */
  private static final long CHUNK_NANOS_MAX = 2_000_000;

  /** Bytes written and not yet taken by the client after which nothing more is rated. */
  private static final int WRITE_QUEUE_BYTES_MAX = 256 << 10;

  private static final int SLOT_RETRY_MILLIS = 5;
  private static final long SLOT_NANOS_MAX = 1_000_000_000L;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final BatchServer server;
  private final Exchange exchange;
  private final Bulk.Caller caller;
  private final ItemSplitter splitter;
  private final ChunkGate gate;
  private final BodyPace pace;
  private final Deque<ItemSplitter.Item> items = new ArrayDeque<>();
  private @Nullable HttpServerRequest request;
  private @Nullable HttpServerResponse response;
  private long taken;
  private long answered;
  private long bodyBytes;
  private long progressNanos;
  private boolean busy; // a chunk waits for its turn or is under way
  private boolean reading; // a part of the body is asked for
  private boolean over;

  BatchRun(BatchServer server, Exchange exchange, Bulk.Caller caller, ItemSplitter splitter) {
    this.server = server;
    this.exchange = exchange;
    this.caller = caller;
    this.splitter = splitter;
    this.gate = exchange.guard().chunks();
    this.pace = new BodyPace(server.settings.stallMillis() * NANOS_PER_MILLI);
  }

  void begin() {
    progressNanos = server.clock.nanoTime();
    HttpServerRequest streamed = exchange.stream(this);
    request = streamed;
    streamed.handler(this::part);
    streamed.endHandler(
        end -> {
          splitter.finish();
          came(0);
          step();
        });
    streamed.response().setWriteQueueMaxSize(WRITE_QUEUE_BYTES_MAX);
    exchange.invite();
    read();
  }

  private void part(Buffer part) {
    if (over) {
      return;
    }
    reading = false;
    bodyBytes += part.length();
    came(part.length());
    splitter.feed(part.getBytes());
    step();
  }

  private void came(int bytes) {
    progressed();
    pace.came(bytes, progressNanos);
  }

  private void progressed() {
    progressNanos = server.clock.nanoTime();
  }

  private void read() {
    if (!reading && request != null) {
      reading = true;
      pace.waits(server.clock.nanoTime());
      request.fetch(1);
    }
  }

  /** Does the next thing: rates a chunk, reads on, or ends. */
  private void step() {
    if (over || busy) {
      return;
    }
    HttpServerResponse out = response;
    if (out != null && out.writeQueueFull()) {
      return; // the client reads slowly: drained() goes on
    }
    takeItems();
    if (!items.isEmpty()) {
      busy = true;
      long sinceNanos = server.clock.nanoTime();
      gate.enter(() -> chunk(sinceNanos));
    } else if (splitter.fault() != null) {
      fail(Problem.of(ProblemType.NOT_JSON, splitter.fault()));
    } else if (taken > server.settings.itemsMax()) {
      fail(tooLarge("the batch has over " + server.settings.itemsMax() + " inputs"));
    } else if (bodyBytes > server.settings.bytesMax()) {
      fail(tooLarge("the batch is over " + server.settings.bytesMax() + " bytes"));
    } else if (splitter.isEnd()) {
      end();
    } else {
      read();
    }
  }

  private static Problem tooLarge(String detail) {
    return Problem.of(ProblemType.BODY_TOO_LARGE, detail);
  }

  private void takeItems() {
    int bytes = 0;
    int itemsMax = server.settings.itemsMax();
    while (items.size() < CHUNK_ITEMS_MAX && bytes < CHUNK_BYTES_MAX && taken <= itemsMax) {
      ItemSplitter.Item item = splitter.next();
      if (item == null) {
        return;
      }
      if (++taken <= itemsMax) {
        items.add(item);
        bytes += item.bytes().length;
      }
    }
  }

  private void chunk(long sinceNanos) {
    if (over) {
      gate.leave();
      return;
    }
    Bulk.Chunk chunk = server.bulk.begin(caller, false);
    if (chunk != null) {
      new Rating(chunk).run();
    } else if (server.clock.nanoTime() - sinceNanos < SLOT_NANOS_MAX) {
      gate.leave(); // others may find one sooner
      exchange.guard().setTimer(SLOT_RETRY_MILLIS, () -> gate.enter(() -> chunk(sinceNanos)));
    } else {
      Buffer lines = Buffer.buffer();
      long begun = server.clock.nanoTime();
      while (!items.isEmpty()) {
        items.remove();
        append(lines, answered++, server.bulk.overloaded(), begun);
      }
      gate.leave();
      write(lines);
    }
  }

  private String idOf(long index) {
    return exchange.requestId() + "." + index;
  }

  private void append(Buffer lines, long index, Answered answer, long sinceNanos) {
    lines.appendBytes(ItemLine.write(index, answer, idOf(index)));
    server.answered(answer.problem() == null);
    server.metrics.answered(answer, server.clock.nanoTime() - sinceNanos);
  }

  /** A chunk under way: its answers in order, whenever each comes. */
  private final class Rating {
    private final Bulk.Chunk chunk;
    private final long begunNanos = server.clock.nanoTime();
    private final Answered[] answers = new Answered[items.size()];
    private final long[] endedNanos = new long[items.size()];
    private int begun;
    private int ended;
    private boolean all;

    Rating(Bulk.Chunk chunk) {
      this.chunk = chunk;
    }

    void run() {
      while (!items.isEmpty() && server.clock.nanoTime() - begunNanos < CHUNK_NANOS_MAX) {
        int place = begun++;
        exchange.await(
            rate(items.remove(), answered + place),
            answer -> {
              answers[place] = answer;
              endedNanos[place] = server.clock.nanoTime();
              ended++;
              endIfAll();
            });
      }
      all = true;
      endIfAll();
    }

    private java.util.concurrent.CompletionStage<Answered> rate(
        ItemSplitter.Item item, long index) {
      return item.tooLarge()
          ? java.util.concurrent.CompletableFuture.completedFuture(
              Bulk.refusal(
                  caller,
                  tooLarge("the input is over " + server.settings.itemBytesMax() + " bytes")))
          : chunk.rate(item.bytes(), idOf(index));
    }

    private void endIfAll() {
      if (!all || ended < begun) {
        return;
      }
      chunk.end();
      gate.leave();
      Buffer lines = Buffer.buffer();
      for (int i = 0; i < begun; i++) {
        lines.appendBytes(ItemLine.write(answered + i, answers[i], idOf(answered + i)));
        server.answered(answers[i].problem() == null);
        server.metrics.answered(answers[i], endedNanos[i] - begunNanos);
      }
      answered += begun;
      write(lines);
    }
  }

  /** Writes lines, and goes on when the client takes them. */
  private void write(Buffer lines) {
    busy = false;
    if (over) {
      return;
    }
    HttpServerResponse out = begun();
    if (out != null) {
      var _ = out.write(lines);
      progressed();
      step();
    }
  }

  /** The answer, its head on its way; null where the client is gone. */
  private @Nullable HttpServerResponse begun() {
    if (response == null) {
      response = exchange.beginStream(200, BatchServer.NDJSON);
      if (response != null) {
        response.drainHandler(
            drained -> {
              progressed();
              step();
            });
      }
    }
    return response;
  }

  private void end() {
    if (begun() != null) {
      over = true;
      server.ended(caller, true);
      exchange.endStream();
    }
  }

  /** What is wrong with the batch as a whole: its status, or its last line where it has begun. */
  private void fail(Problem problem) {
    over = true;
    server.ended(caller, false);
    HttpServerResponse out = response;
    if (out == null) {
      exchange.refuse(problem);
    } else {
      var _ = out.write(Buffer.buffer(ItemLine.error(problem, exchange.requestId())));
      exchange.endStream();
    }
  }

  @Override
  public void tick(long nowNanos) {
    if (over || busy) {
      return;
    }
    int stallMillis = server.settings.stallMillis();
    boolean stalls = nowNanos - progressNanos >= stallMillis * NANOS_PER_MILLI;
    HttpServerResponse out = response;
    if (out != null && out.writeQueueFull()) {
      if (stalls) {
        exchange.cut();
      }
    } else if (stalls) {
      fail(
          Problem.of(
              ProblemType.REQUEST_TIMEOUT,
              "nothing more of the batch arrived within " + stallMillis + " ms"));
    } else if (pace.isTooSlow(nowNanos)) {
      fail(Problem.of(ProblemType.REQUEST_TIMEOUT, BodyPace.tooSlow("the batch")));
    }
  }

  @Override
  public void gone() {
    if (!over) {
      over = true;
      items.clear();
      server.ended(caller, false);
    }
  }
}
