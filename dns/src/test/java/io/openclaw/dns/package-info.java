@NullMarked
package io.openclaw.dns;

import org.jspecify.annotations.NullMarked;
