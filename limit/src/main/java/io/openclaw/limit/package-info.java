@NullMarked
package io.openclaw.limit;

import org.jspecify.annotations.NullMarked;
