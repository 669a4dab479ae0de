package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.KeyText;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The metrics page of a node that has answered all kinds of requests, its peers away. */
class NodeMetricsTest {
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
  private static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";
  private static final String APPLICATION = "{\"checking_status\":\"<0\",\"duration\":6}";
  private static final int STRANGERS = 30;

  private static @Nullable TestNode node;
  private static @Nullable Path secret;
  private static String text = "";
  private static String openMetrics = "";

  private record Sample(String name, Map<String, String> labels, double value) {}

  @BeforeAll
  static void answerAllKindsOfRequests() throws Exception {
    Path file = Files.createTempFile("openclaw-test", ".secret");
    secret = file;
    Files.writeString(file, "a-secret-of-the-tests");
    String yaml =
        "regions: [local, us-east-1]\n"
            + "mesh: {kind: peers, port: 0, peers: {us-east-1: \"127.0.0.1:9\"}, secretFile: "
            + file
            + "}\n"
            + "tenants:\n  trial: {limit: {rate: 0.001, burst: 2}}\n";
    TestNode started = TestNode.start(Map.of(), yaml);
    node = started;
    try (HttpClient client = HttpClient.newHttpClient()) {
      String credit = "Bearer " + started.key("credit");
      rate(client, started, credit, APPLICATION);
      rate(client, started, credit, "{");
      rate(client, started, credit, "{\"duration\":\"x\"}");
      rate(client, started, "Bearer " + started.key("default"), APPLICATION);
      rate(client, started, "Bearer " + started.key("trial"), APPLICATION);
      Random random = new Random(1);
      for (int i = 0; i < STRANGERS; i++) {
        rate(client, started, "Bearer " + KeyText.generate(random).reveal(), APPLICATION, "t" + i);
      }
      rate(client, started, credit, APPLICATION, "somebody-else");
      text = page(client, started, TEXT);
      openMetrics = page(client, started, OPEN_METRICS);
    }
  }

  @AfterAll
  static void stop() throws IOException {
    if (node != null) {
      node.close();
    }
    if (secret != null) {
      Files.deleteIfExists(secret);
    }
  }

  private static void rate(
      HttpClient client, TestNode at, String authorization, String body, String... tenant)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(at.node().url() + "/v1/rate"))
            .header("Content-Type", "application/json")
            .header("Authorization", authorization)
            .POST(HttpRequest.BodyPublishers.ofString(body));
    for (String each : tenant) {
      request.header("x-tenant-id", each);
    }
    client.send(request.build(), HttpResponse.BodyHandlers.discarding());
  }

  private static String page(HttpClient client, TestNode from, String accept) throws Exception {
    HttpResponse<byte[]> answer =
        client.send(
            HttpRequest.newBuilder(URI.create(from.node().metricsUrl()))
                .header("Accept", accept)
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).contains(accept);
    return new String(answer.body(), UTF_8);
  }

  private static final Pattern SAMPLE =
      Pattern.compile(
          "([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (NaN|[+-]Inf|-?[0-9.]+(?:[eE][+-]?[0-9]+)?)");
  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\\n]|\\\\[\\\\n\"])*)\",?");

  private static List<Sample> samples(String page) {
    List<Sample> samples = new ArrayList<>();
    for (String line : page.lines().toList()) {
      if (line.startsWith("#")) {
        assertThat(line).matches("# (HELP|TYPE|UNIT) [a-zA-Z_:][a-zA-Z0-9_:]* .+|# EOF");
        continue;
      }
      Matcher sample = SAMPLE.matcher(line);
      assertThat(sample.matches()).as(line).isTrue();
      Map<String, String> labels = new java.util.LinkedHashMap<>();
      String rest = sample.group(2) == null ? "" : sample.group(2);
      Matcher label = LABEL.matcher(rest);
      int end = 0;
      while (label.find() && label.start() == end) {
        assertThat(labels.put(label.group(1), label.group(2))).as(line).isNull();
        end = label.end();
      }
      assertThat(end).as(line).isEqualTo(rest.length());
      String value = sample.group(3).replace("Inf", "Infinity");
      samples.add(new Sample(sample.group(1), labels, Double.parseDouble(value)));
    }
    return samples;
  }

  private static double sum(String name, Map<String, String> labels) {
    return samples(text).stream()
        .filter(s -> s.name.equals(name) && s.labels.entrySet().containsAll(labels.entrySet()))
        .mapToDouble(Sample::value)
        .sum();
  }

  @Test
  void both_formats_hold_the_same_series_once_each() {
    assertThat(openMetrics).endsWith("\n# EOF\n");
    assertThat(text).doesNotContain("# EOF");
    Set<String> seen = new HashSet<>();
    for (Sample sample : samples(text)) {
      assertThat(seen.add(sample.name + sample.labels)).as(sample.toString()).isTrue();
    }
    Set<String> names = new TreeSet<>();
    samples(text).forEach(s -> names.add(s.name));
    Set<String> openNames = new TreeSet<>();
    samples(openMetrics).forEach(s -> openNames.add(s.name));
    assertThat(openNames).isEqualTo(names);
  }

  @Test
  void every_family_says_what_it_is() {
    Set<String> described = new HashSet<>();
    for (String line : text.lines().filter(l -> l.startsWith("# ")).toList()) {
      String[] words = line.split(" ", 4);
      described.add(words[1] + " " + words[2]);
    }
    for (Sample sample : samples(text)) {
      String family = sample.name;
      if (!described.contains("TYPE " + family)) {
        family = family.replaceFirst("_(bucket|count|sum)$", "");
      }
      assertThat(described).contains("HELP " + family, "TYPE " + family);
    }
  }

  @Test
  void the_names_of_the_specification_are_there() {
    Set<String> names = new TreeSet<>();
    samples(text).forEach(s -> names.add(s.name));
    assertThat(names)
        .contains(
            "openclaw_request_latency_seconds_bucket",
            "openclaw_request_latency_seconds_count",
            "openclaw_request_latency_seconds_sum",
            "openclaw_requests_total",
            "openclaw_tokens_spent_total",
            "openclaw_tokens_denied_total",
            "openclaw_limit_rate",
            "openclaw_limit_burst",
            "openclaw_limit_share_ratio",
            "openclaw_limit_available_tokens",
            "openclaw_limit_denied_total",
            "openclaw_replication_lag_seconds",
            "openclaw_region_healthy",
            "openclaw_region_state",
            "openclaw_model_info",
            "openclaw_build_info",
            "openclaw_ready",
            "openclaw_log_accepts",
            "process_cpu_seconds_total",
            "process_start_time_seconds",
            "jvm_memory_heap_used_bytes",
            "jvm_threads_current",
            "jvm_gc_collection_seconds_total");
  }

  @Test
  void answers_are_counted_by_tenant_model_status_and_problem() {
    String requests = "openclaw_requests_total";
    Map<String, String> credit =
        Map.of("region", "local", "tenant", "credit", "model", "credit-g", "variant", "stable");
    Map<String, String> rated = new java.util.HashMap<>(credit);
    rated.put("status", "200");
    // New buckets start empty in a region of several, so what was rated may have been denied.
    double ratedOrDenied =
        sum(requests, rated) + sum(requests, Map.of("tenant", "credit", "status", "429"));
    assertThat(ratedOrDenied).isEqualTo(1);
    assertThat(sum(requests, Map.of("tenant", "credit", "problem", "not-json"))).isEqualTo(1);
    assertThat(sum(requests, Map.of("tenant", "credit", "problem", "invalid-input"))).isEqualTo(1);
    assertThat(sum(requests, Map.of("tenant", "trial", "problem", "limit-exceeded"))).isEqualTo(1);
    assertThat(sum("openclaw_limit_denied_total", Map.of("tenant", "trial"))).isEqualTo(1);
    assertThat(sum("openclaw_tokens_denied_total", Map.of("level", "tenant", "limit", "trial")))
        .isEqualTo(1);
    assertThat(sum("openclaw_request_latency_seconds_count", Map.of()))
        .isEqualTo(sum(requests, Map.of()));
  }

  @Test
  void the_logs_on_disk_say_whether_they_take_records() throws Exception {
    for (String log : List.of("items", "idempotency", "quotas")) {
      assertThat(sum("openclaw_log_accepts", Map.of("region", "local", "log", log))).isEqualTo(1);
    }
    try (HttpClient client = HttpClient.newHttpClient()) {
      URI ready =
          URI.create(java.util.Objects.requireNonNull(node).node().url() + "/readyz?verbose");
      HttpResponse<String> page =
          client.send(HttpRequest.newBuilder(ready).build(), HttpResponse.BodyHandlers.ofString());
      assertThat(page.body())
          .contains(
              "\"logs\":{\"idempotency\":\"accepts\",\"items\":\"accepts\",\"quotas\":\"accepts\"}");
    }
  }

  @Test
  void strangers_make_no_labels_of_their_own() {
    String requests = "openclaw_requests_total";
    assertThat(sum(requests, Map.of("tenant", "", "status", "401")))
        .isGreaterThanOrEqualTo(STRANGERS);
    assertThat(sum(requests, Map.of("tenant", "", "problem", "forbidden"))).isEqualTo(1);
    Set<String> tenants = new TreeSet<>();
    Set<String> models = new TreeSet<>();
    for (Sample sample : samples(text)) {
      tenants.add(sample.labels.getOrDefault("tenant", ""));
      models.add(sample.labels.getOrDefault("model", ""));
    }
    assertThat(tenants)
        .containsExactlyInAnyOrder("", "content", "credit", "default", "items", "trial");
    assertThat(models).containsExactlyInAnyOrder("", "content", "credit-g", "items");
    assertThat(text).doesNotContain("ock_").doesNotContain("somebody-else");
  }

  @Test
  void limits_and_the_other_regions_are_shown() {
    Map<String, String> trial =
        Map.of("region", "local", "level", "tenant", "limit", "trial", "mode", "strict");
    assertThat(sum("openclaw_limit_rate", trial)).isEqualTo(0.001);
    assertThat(sum("openclaw_limit_burst", trial)).isEqualTo(2);
    assertThat(sum("openclaw_limit_share_ratio", trial)).as("its floor, alone").isEqualTo(0.015);
    Map<String, String> peer = Map.of("region", "local", "peer", "us-east-1");
    assertThat(sum("openclaw_region_healthy", peer)).isZero();
    assertThat(sum("openclaw_region_state", peer)).as("in one state").isEqualTo(1);
    assertThat(sum("openclaw_ready", Map.of())).isEqualTo(1);
    assertThat(
            sum(
                "openclaw_model_info",
                Map.of("tenant", "default", "model", "items", "version", "v1", "kind", "items")))
        .isEqualTo(1);
  }
}
