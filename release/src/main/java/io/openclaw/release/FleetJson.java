package io.openclaw.release;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.release.FleetState.Stage;
import io.openclaw.release.RegionRow.Health;
import io.openclaw.release.RegionRow.Soak;
import io.openclaw.release.RegionRow.Tried;
import io.openclaw.release.RegionRow.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What regions say of releases, and what they must not forget, as canonical JSON. */
public final class FleetJson {
  private static final int NAME_LENGTH_MAX = 200;

  private FleetJson() {}

  /** What a region must not forget, as a file holds it. */
  public static byte[] write(Rollout.Saved saved) {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("promised_term", new Json.Num(saved.promisedTerm()));
    members.put("promised_to", new Json.Str(saved.promisedTo()));
    members.put("votes_after", new Json.Num(saved.votesAfter()));
    members.put("accepted", json(saved.accepted()));
    return CanonicalJson.write(new Json.Obj(members));
  }

  /**
   * Reads what {@link #write(Rollout.Saved)} wrote.
   *
   * @throws IllegalArgumentException naming what is wrong
   */
  public static Rollout.Saved saved(byte[] bytes) {
    Json.Obj object =
        Manifest.object(
            "rollout",
            parse(bytes),
            Set.of("promised_term", "promised_to", "votes_after", "accepted"));
    return new Rollout.Saved(
        count(object, "promised_term"),
        name(object, "promised_to"),
        votesAfter(object),
        state(member(object, "accepted")));
  }

  /** A row, as regions tell it. */
  public static byte[] write(RegionRow row) {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("promised_term", new Json.Num(row.promisedTerm()));
    members.put("promised_to", new Json.Str(row.promisedTo()));
    members.put("nominee", new Json.Str(row.nominee()));
    members.put("votes_after", new Json.Num(row.votesAfter()));
    members.put("accepted", json(row.accepted()));
    members.put("holds", json(row.holds()));
    members.put("serves", json(row.serves()));
    members.put("fault", new Json.Str(row.fault()));
    members.put(
        "tried", judged(row.tried().candidate(), row.tried().verdict().text(), row.tried().why()));
    members.put(
        "soak", judged(row.soak().candidate(), row.soak().health().text(), row.soak().detail()));
    members.put(
        "public_keys", new Json.Arr(row.publicKeys().stream().<Json>map(Json.Str::new).toList()));
    return CanonicalJson.write(new Json.Obj(members));
  }

  /**
   * Reads what {@link #write(RegionRow)} wrote.
   *
   * @throws IllegalArgumentException naming what is wrong
   */
  public static RegionRow row(byte[] bytes) {
    Json.Obj object =
        Manifest.object(
            "row",
            parse(bytes),
            Set.of(
                "promised_term",
                "promised_to",
                "nominee",
                "votes_after",
                "accepted",
                "holds",
                "serves",
                "fault",
                "tried",
                "soak",
                "public_keys"));
    Json.Obj tried = judged(object, "tried");
    Json.Obj soak = judged(object, "soak");
    return new RegionRow(
        count(object, "promised_term"),
        name(object, "promised_to"),
        name(object, "nominee"),
        votesAfter(object),
        state(member(object, "accepted")),
        ref(member(object, "holds")),
        ref(member(object, "serves")),
        Manifest.text(object, "fault"),
        new Tried(
            ref(member(tried, "candidate")),
            Verdict.valueOf(name(tried, "verdict").toUpperCase(Locale.ROOT)),
            Manifest.text(tried, "why")),
        new Soak(
            ref(member(soak, "candidate")),
            Health.valueOf(name(soak, "verdict").toUpperCase(Locale.ROOT)),
            Manifest.text(soak, "why")),
        publicKeys(member(object, "public_keys")));
  }

  private static List<String> publicKeys(Json json) {
    if (!(json instanceof Json.Arr keys) || keys.elements().size() > RegionRow.PUBLIC_KEYS_MAX) {
      throw new IllegalArgumentException(
          "public_keys: (expected: an array of at most " + RegionRow.PUBLIC_KEYS_MAX + ")");
    }
    List<String> read = new ArrayList<>();
    for (Json key : keys.elements()) {
      if (!(key instanceof Json.Str text) || text.value().length() > NAME_LENGTH_MAX) {
        throw new IllegalArgumentException("public_keys: (expected: keys in Base64)");
      }
      read.add(text.value());
    }
    return read;
  }

  private static Json judged(ReleaseRef candidate, String verdict, String why) {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("candidate", json(candidate));
    members.put("verdict", new Json.Str(verdict));
    members.put("why", new Json.Str(why));
    return new Json.Obj(members);
  }

  private static Json.Obj judged(Json.Obj object, String name) {
    return Manifest.object(name, member(object, name), Set.of("candidate", "verdict", "why"));
  }

  /** A release by its number and id. */
  public static Json.Obj json(ReleaseRef ref) {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("version", new Json.Num(ref.version()));
    members.put("id", new Json.Str(ref.id()));
    return new Json.Obj(members);
  }

  private static ReleaseRef ref(Json json) {
    Json.Obj object = Manifest.object("release", json, Set.of("version", "id"));
    return new ReleaseRef(count(object, "version"), Manifest.text(object, "id"));
  }

  /** What is agreed on. */
  public static Json.Obj json(FleetState state) {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("term", new Json.Num(state.term()));
    members.put("step", new Json.Num(state.step()));
    members.put("primary", new Json.Str(state.primary()));
    members.put("stable", json(state.stable()));
    members.put("candidate", json(state.candidate()));
    members.put("stage", new Json.Str(state.stage().text()));
    members.put("soak_region", new Json.Str(state.soakRegion()));
    members.put("now", Json.Bool.of(state.now()));
    members.put("drift", Json.Bool.of(state.drift()));
    members.put("why", new Json.Str(state.why()));
    return new Json.Obj(members);
  }

  private static FleetState state(Json json) {
    Json.Obj object =
        Manifest.object(
            "state",
            json,
            Set.of(
                "term",
                "step",
                "primary",
                "stable",
                "candidate",
                "stage",
                "soak_region",
                "now",
                "drift",
                "why"));
    return new FleetState(
        count(object, "term"),
        count(object, "step"),
        name(object, "primary"),
        ref(member(object, "stable")),
        ref(member(object, "candidate")),
        Stage.of(name(object, "stage")),
        name(object, "soak_region"),
        object.get("now") == Json.Bool.TRUE,
        object.get("drift") == Json.Bool.TRUE,
        Manifest.text(object, "why"));
  }

  private static Json parse(byte[] bytes) {
    try {
      return JsonReader.read(bytes);
    } catch (JsonSyntaxException e) {
      throw new IllegalArgumentException("not JSON: " + e.detail(), e);
    }
  }

  private static Json member(Json.Obj object, String name) {
    return java.util.Objects.requireNonNull(object.get(name), name);
  }

  private static String name(Json.Obj object, String name) {
    String text = Manifest.text(object, name);
    if (text.length() > NAME_LENGTH_MAX) {
      throw new IllegalArgumentException(name + ": " + text.length() + " characters");
    }
    return text;
  }

  private static long votesAfter(Json.Obj object) {
    long term = Manifest.integer(object, "votes_after");
    if (term < Rollout.NO_VOTE) {
      throw new IllegalArgumentException("votes_after: " + term + " (expected: -1 or more)");
    }
    return term;
  }

  private static long count(Json.Obj object, String name) {
    long value = Manifest.integer(object, name);
    if (value < 0) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: 0 or more)");
    }
    return value;
  }
}
