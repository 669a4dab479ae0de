package io.openclaw.tls;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What one place shows and believes at one time: key, certificates and trust that fit together.
 * Immutable, thread-safe.
 *
 * @param identity what is shown; none where nothing is
 * @param others what is shown to those who ask for another server name
 * @param trust whom it believes; none where it asks nobody for a certificate
 * @param digest of the files that it was read from
 */
record CertificateSet(
    @Nullable Identity identity, List<Identity> others, @Nullable Trust trust, String digest) {

  /**
   * A certificate with its chain and its key.
   *
   * @param name the server name that it is for; empty for any
   */
  record Identity(String name, List<X509Certificate> chain, PrivateKey key) {
    X509Certificate leaf() {
      return chain.getFirst();
    }

    private boolean answersTo(String asked) {
      String lower = asked.toLowerCase(Locale.ROOT);
      String own = name.toLowerCase(Locale.ROOT);
      int dot = lower.indexOf('.');
      return own.equals(lower) || (dot > 0 && own.equals("*" + lower.substring(dot)));
    }
  }

  CertificateSet {
    others = List.copyOf(others);
  }

  /**
   * The number of what is shown to one who asks for a server name: 0 is {@link #identity}, 1 the
   * first of {@link #others}.
   */
  int numberFor(List<String> asked) {
    for (String name : asked) {
      for (int i = 0; i < others.size(); i++) {
        if (others.get(i).answersTo(name)) {
          return i + 1;
        }
      }
    }
    return 0;
  }

  @Nullable Identity numbered(int number) {
    return number == 0 ? identity : number <= others.size() ? others.get(number - 1) : null;
  }
}
