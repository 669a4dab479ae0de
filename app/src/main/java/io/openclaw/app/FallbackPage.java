package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonMembers;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.JsonWriter;
import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.openclaw.domain.Violation;
import io.openclaw.edge.Answered;
import io.openclaw.edge.Fallback;
import io.openclaw.edge.FallbackAdministration;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** What an administrator sees of all fallbacks, and how they are switched. */
final class FallbackPage implements FallbackAdministration {
  private static final System.Logger LOG = System.getLogger("io.openclaw.app");
  private static final Set<String> MEMBERS = Set.of("tenant", "enabled");

  private final String region;
  private final List<String> regions;
  private final Fallbacks fallbacks;
  private final Supplier<Set<String>> up;

  /**
   * @param up the other regions that are heard of
   */
  FallbackPage(String region, List<String> regions, Fallbacks fallbacks, Supplier<Set<String>> up) {
    this.region = region;
    this.regions = regions.stream().sorted().toList();
    this.fallbacks = fallbacks;
    this.up = up;
  }

  @Override
  public Answered list() {
    List<Json> all = new ArrayList<>();
    Set<String> others = up.get();
    fallbacks.live().values().forEach(each -> all.add(shown(each, others)));
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("region", new Json.Str(region));
    members.put("fallbacks", new Json.Arr(all));
    return answer(new Json.Obj(members));
  }

  private Json.Obj shown(LiveFallback fallback, Set<String> others) {
    String tenant = fallback.tenant();
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("tenant", new Json.Str(tenant));
    members.put("url", new Json.Str(fallback.spec().url()));
    members.put("enabled", Json.Bool.of(fallback.view().isEnabled()));
    FallbackSwitch said = fallbacks.said(tenant);
    if (said != null) {
      Map<String, Json> by = new LinkedHashMap<>();
      by.put("region", new Json.Str(said.region()));
      by.put("time", new Json.Num(said.version()));
      members.put("switched", new Json.Obj(by));
    }
    Map<String, Fallbacks.Told> states = fallbacks.states(tenant);
    List<Json> rows = new ArrayList<>();
    for (String each : regions) {
      Fallbacks.Told told = states.get(each);
      Map<String, Json> row = new LinkedHashMap<>();
      row.put("region", new Json.Str(each));
      row.put("up", Json.Bool.of(each.equals(region) || others.contains(each)));
      row.put("state", new Json.Str(told == null ? "unknown" : told.state()));
      if (told != null) {
        row.put("since", new Json.Num(told.sinceMillis()));
      }
      rows.add(new Json.Obj(row));
    }
    members.put("regions", new Json.Arr(rows));
    String why = fallbacks.unusable(tenant);
    if (!why.isEmpty()) {
      members.put("unusable_here", new Json.Str(why));
    }
    Map<String, Json> ends = new LinkedHashMap<>();
    for (Fallback.End end : Fallback.End.values()) {
      ends.put(end.text(), new Json.Num(fallback.ends(end)));
    }
    members.put("requests_here", new Json.Obj(ends));
    return new Json.Obj(members);
  }

  @Override
  public Answered order(byte[] body) {
    Json document;
    try {
      document = JsonReader.read(body);
    } catch (JsonSyntaxException e) {
      return problem(Problem.notJson(e));
    }
    List<Violation> violations = new ArrayList<>();
    JsonMembers members = JsonMembers.of(document, "", violations).only(MEMBERS);
    String tenant = members.text("tenant");
    boolean enabled = members.requiredFlag("enabled");
    if (violations.isEmpty() && !fallbacks.live().containsKey(tenant)) {
      Set<String> known = fallbacks.live().keySet();
      members.wrong("tenant", "(expected: one of " + known + ", with a fallback)");
    }
    return violations.isEmpty()
        ? order(tenant, enabled)
        : problem(
            Problem.of(
                ProblemType.INVALID_INPUT, "this switches no tenant's fallback", violations));
  }

  private Answered order(String tenant, boolean enabled) {
    try {
      fallbacks.order(tenant, enabled);
    } catch (IOException e) {
      LOG.log(Level.ERROR, "a switch of a fallback could not be stored", e);
      return problem(
          Problem.of(ProblemType.UNAVAILABLE, "the switch could not be written to disk")
              .withRetryAfter(1));
    }
    return list();
  }

  private static Answered answer(Json.Obj document) {
    return new Answered(JsonWriter.write(document), null, "", "", "", null, null);
  }

  private static Answered problem(Problem problem) {
    return new Answered(new byte[0], problem, "", "", "", null, null);
  }
}
