/**
 * Certificates as files that may change while the program runs, whom they are believed to be, and a
 * small authority that issues them.
 */
@NullMarked
package io.openclaw.tls;

import org.jspecify.annotations.NullMarked;
