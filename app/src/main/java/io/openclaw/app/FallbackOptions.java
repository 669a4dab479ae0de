package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.yaml.ConfigException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a command changes of a tenant's fallback, and how fallbacks are shown. */
final class FallbackOptions {
  private static final String NONE = "none";

  @Option(
      names = "--fallback",
      paramLabel = "URL|none",
      description = "A rating service that answers where the model fails; none for nothing.")
  @Nullable String url;

  @Option(
      names = "--fallback-timeout",
      paramLabel = "MILLIS",
      description = "How long it may take, 10 to 10000; 1000 by default.")
  @Nullable Long timeoutMillis;

  @Option(
      names = "--fallback-authorization",
      paramLabel = "REF|none",
      description =
          "Where each region finds the Authorization header's value: env:NAME or file:/path.")
  @Nullable String authorization;

  @Option(
      names = "--fallback-probe",
      paramLabel = "PATH|none",
      description = "A path that answers 2xx while the service is healthy; asked every 5 s.")
  @Nullable String probe;

  /** The members that change; null where none does. */
  @Nullable Json json() throws ConfigException {
    Map<String, Json> members = new LinkedHashMap<>();
    if (timeoutMillis != null) {
      members.put("timeoutMillis", new Json.Num(timeoutMillis));
    }
    if (authorization != null) {
      members.put("authorization", textOrNone(authorization));
    }
    if (probe != null) {
      members.put(
          "probe",
          probe.equals(NONE) ? Json.Null.NULL : new Json.Obj(Map.of("path", new Json.Str(probe))));
    }
    if (NONE.equals(url)) {
      if (!members.isEmpty()) {
        throw new ConfigException(
            List.of("--fallback none: goes with everything of it (expected: no --fallback-*)"));
      }
      return Json.Null.NULL;
    }
    if (url != null) {
      members.put("url", new Json.Str(url));
    }
    return members.isEmpty() ? null : new Json.Obj(members);
  }

  private static Json textOrNone(String text) {
    return text.equals(NONE) ? Json.Null.NULL : new Json.Str(text);
  }

  /**
   * Prints a list of fallbacks.
   *
   * @param tenant whose; null for all
   */
  static void print(Json.Obj list, @Nullable String tenant) {
    System.out.printf("%-24s %-4s %-24s %-10s %s%n", "TENANT", "ON", "REGION", "STATE", "URL");
    if (!(list.get("fallbacks") instanceof Json.Arr all)) {
      return;
    }
    for (Json each : all.elements()) {
      if (each instanceof Json.Obj fallback
          && fallback.get("regions") instanceof Json.Arr regions
          && (tenant == null || tenant.equals(AdminNode.text(fallback, "tenant")))) {
        regions.elements().forEach(row -> print(fallback, (Json.Obj) row));
      }
    }
  }

  private static void print(Json.Obj fallback, Json.Obj row) {
    System.out.printf(
        "%-24s %-4s %-24s %-10s %s%n",
        AdminNode.text(fallback, "tenant"),
        fallback.get("enabled") == Json.Bool.TRUE ? "on" : "off",
        AdminNode.text(row, "region"),
        AdminNode.text(row, "state") + (row.get("up") == Json.Bool.TRUE ? "" : " (away)"),
        AdminNode.text(fallback, "url"));
  }
}
