package io.openclaw.net;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.openclaw.domain.Scope;
import io.openclaw.edge.Bulk;
import io.openclaw.edge.EdgeMetrics;
import io.openclaw.edge.ItemSplitter;
import io.vertx.core.http.HttpHeaders;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v1/rate/batch}: begins batches and counts them. Thread-safe; each batch lives on its
 * request's event loop.
 */
public final class BatchServer {
  /** The media type of inputs and answers a line each. */
  public static final String NDJSON = "application/x-ndjson";

  private static final String JSON = "application/json";

  final Bulk bulk;
  final BatchSettings settings;
  final EdgeMetrics metrics;
  final Clock clock;
  private final AtomicInteger underWay = new AtomicInteger();
  private final Map<String, Integer> ofTenants = new ConcurrentHashMap<>();
  private final LongAdder batches = new LongAdder();
  private final LongAdder items = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder cut = new LongAdder();

  /** Batches of one node. */
  public BatchServer(Bulk bulk, BatchSettings settings, EdgeMetrics metrics, Clock clock) {
    this.bulk = bulk;
    this.settings = settings;
    this.metrics = metrics;
    this.clock = clock;
  }

  /** Batches under way. */
  public int underWay() {
    return underWay.get();
  }

  /** Batches begun since the start. */
  public long batches() {
    return batches.sum();
  }

  /** Inputs answered with a rating since the start. */
  public long rated() {
    return items.sum() - failed.sum();
  }

  /** Inputs answered with a problem since the start. */
  public long failed() {
    return failed.sum();
  }

  /** Batches that ended before their last input, whoever's fault it was. */
  public long cut() {
    return cut.sum();
  }

  void answered(boolean rated) {
    items.increment();
    if (!rated) {
      failed.increment();
    }
  }

  void ended(Bulk.Caller caller, boolean whole) {
    underWay.decrementAndGet();
    leaves(caller.tenant());
    if (!whole) {
      cut.increment();
    }
  }

  void begin(Exchange exchange) {
    switch (bulk.recognise(
        ApiServer.authorization(exchange), exchange.header(ApiServer.TENANT), Scope.RATE)) {
      case Bulk.Refused refused -> exchange.answer(refused.answer());
      case Bulk.Known known -> {
        exchange.known(known.caller().tenant(), "", "");
        begin(exchange, known.caller());
      }
    }
  }

  private void begin(Exchange exchange, Bulk.Caller caller) {
    ItemSplitter.Format format = format(exchange);
    if (format == null) {
      return;
    }
    if (exchange.declaredLength() > settings.bytesMax()) {
      exchange.refuse(
          Problem.of(
              ProblemType.BODY_TOO_LARGE, "the batch is over " + settings.bytesMax() + " bytes"));
    } else if (!enters(caller.tenant())) {
      exchange.refuse(
          Problem.of(
                  ProblemType.LIMIT_EXCEEDED,
                  "the tenant has "
                      + settings.tenantUnderWayMax()
                      + " batches under way (expected: < "
                      + settings.tenantUnderWayMax()
                      + ")")
              .withRetryAfter(1));
    } else if (underWay.incrementAndGet() > settings.underWayMax()) {
      underWay.decrementAndGet();
      leaves(caller.tenant());
      exchange.refuse(
          Problem.of(ProblemType.OVERLOADED, "too many batches are under way").withRetryAfter(1));
    } else {
      batches.increment();
      new BatchRun(this, exchange, caller, new ItemSplitter(format, settings.itemBytesMax()))
          .begin();
    }
  }

  /** Counts a batch of a tenant's; false where it has as many as it may. */
  private boolean enters(String tenant) {
    if (ofTenants.merge(tenant, 1, Integer::sum) <= settings.tenantUnderWayMax()) {
      return true;
    }
    leaves(tenant);
    return false;
  }

  private void leaves(String tenant) {
    ofTenants.computeIfPresent(tenant, (id, count) -> count == 1 ? null : count - 1);
  }

  /** How the body is written; null where the request was refused for it. */
  static ItemSplitter.@Nullable Format format(Exchange exchange) {
    String type = exchange.header(HttpHeaders.CONTENT_TYPE);
    String essence = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    String encoding = exchange.header(HttpHeaders.CONTENT_ENCODING);
    if (!essence.equals(JSON) && !essence.equals(NDJSON)) {
      exchange.refuse(
          Problem.of(
              ProblemType.UNSUPPORTED_MEDIA_TYPE,
              "Content-Type: "
                  + (type == null ? "none" : "another")
                  + " (expected: "
                  + JSON
                  + " or "
                  + NDJSON
                  + ")"));
      return null;
    }
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      exchange.refuse(
          Problem.of(
              ProblemType.UNSUPPORTED_MEDIA_TYPE,
              "Content-Encoding: another (expected: identity, or none)"));
      return null;
    }
    return essence.equals(JSON) ? ItemSplitter.Format.ARRAY : ItemSplitter.Format.LINES;
  }
}
