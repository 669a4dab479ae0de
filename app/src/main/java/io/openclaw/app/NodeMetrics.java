package io.openclaw.app;

import io.openclaw.edge.Answered;
import io.openclaw.edge.EdgeMetrics;
import io.openclaw.net.MetricsPage;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The metrics of a process, with Prometheus' own library. Thread-safe. */
final class NodeMetrics implements EdgeMetrics, MetricsPage {
  /** From below a millisecond to the default deadline. */
  private static final double[] LATENCY_SECONDS = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10
  };

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final ExpositionFormats formats = ExpositionFormats.init();
  private final String region;
  private final Histogram latency;
  private final Counter requests;
  private final Counter denied;

  NodeMetrics(String region, String version) {
    this.region = region;
    latency =
        Histogram.builder()
            .name("openclaw_request_latency_seconds")
            .help("Time from a request's headers to its answer.")
            .labelNames("region", "tenant", "model", "variant")
            .classicOnly()
            .classicUpperBounds(LATENCY_SECONDS)
            .register(registry);
    requests =
        Counter.builder()
            .name("openclaw_requests_total")
            .help("Requests answered, by status and problem.")
            .labelNames("region", "tenant", "model", "variant", "status", "problem")
            .register(registry);
    denied =
        Counter.builder()
            .name("openclaw_limit_denied_total")
            .help("Requests denied by a limit.")
            .labelNames("region", "tenant")
            .register(registry);
    Info.builder()
        .name("openclaw_build_info")
        .help("The program's version.")
        .labelNames("region", "version")
        .register(registry)
        .addLabelValues(region, version);
    process();
  }

  private void process() {
    gauge(
        "process_start_time_seconds",
        "When the process started, Unix time.",
        c -> c.call(ManagementFactory.getRuntimeMXBean().getStartTime() / 1000.0));
    counter("process_cpu_seconds_total", "CPU time used.", c -> c.call(cpuNanos() / 1e9));
    gauge(
        "jvm_memory_heap_used_bytes",
        "Heap in use.",
        c -> c.call((double) ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed()));
    gauge(
        "jvm_memory_heap_max_bytes",
        "Heap at most.",
        c -> c.call((double) ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getMax()));
    gauge(
        "jvm_threads_current",
        "Live threads.",
        c -> c.call(ManagementFactory.getThreadMXBean().getThreadCount()));
    counter(
        "jvm_gc_collection_seconds_total",
        "Time spent in garbage collections.",
        c -> c.call(gcMillis() / 1000.0));
  }

  private static double cpuNanos() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean os
        ? os.getProcessCpuTime()
        : 0;
  }

  private static long gcMillis() {
    long millis = 0;
    for (GarbageCollectorMXBean gc : ManagementFactory.getGarbageCollectorMXBeans()) {
      millis += Math.max(0, gc.getCollectionTime());
    }
    return millis;
  }

  /** Adds a gauge that is read when the page is. */
  void gauge(
      String name, String help, Consumer<GaugeWithCallback.Callback> reader, String... labels) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames(labels)
        .callback(reader)
        .register(registry);
  }

  /** Adds a counter that is read when the page is. */
  void counter(
      String name, String help, Consumer<CounterWithCallback.Callback> reader, String... labels) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames(labels)
        .callback(reader)
        .register(registry);
  }

  PrometheusRegistry registry() {
    return registry;
  }

  @Override
  public void answered(Answered answered, long latencyNanos) {
    int status = answered.status();
    var problem = answered.problem();
    requests
        .labelValues(
            region,
            answered.tenant(),
            answered.model(),
            answered.variant(),
            Integer.toString(status),
            problem == null ? "" : problem.type().slug())
        .inc();
    latency
        .labelValues(region, answered.tenant(), answered.model(), answered.variant())
        .observe(Unit.nanosToSeconds(latencyNanos));
    if (status == 429) {
      denied.labelValues(region, answered.tenant()).inc();
    }
  }

  @Override
  public String type(@Nullable String accept) {
    return formats.findWriter(accept).getContentType();
  }

  @Override
  public byte[] render(String type) {
    ExpositionFormatWriter writer = formats.findWriter(type);
    ByteArrayOutputStream out = new ByteArrayOutputStream(16 * 1024);
    try {
      writer.write(out, registry.scrape());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** The page as plain text. */
  String text() {
    return new String(render(type(null)), StandardCharsets.UTF_8);
  }
}
