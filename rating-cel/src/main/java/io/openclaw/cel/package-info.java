/** Models written as expressions of the Common Expression Language (CEL). */
@NullMarked
package io.openclaw.cel;

import org.jspecify.annotations.NullMarked;
