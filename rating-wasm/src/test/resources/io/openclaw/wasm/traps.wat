;; A model that does, by the letter in {"do":"x"}, everything that a module should not, and must rate on afterwards.
;; Assembled to traps.wasm by examples/wasm/build.
(module
  (import "env" "log" (func $log (param i32 i32)))
  (memory (export "memory") 2)
  (table 4 funcref)
  (elem (i32.const 0) $nothing)
  (global $dirty (mut i32) (i32.const 0))
  (global $zero (mut i32) (i32.const 0))
  (data (i32.const 16) "{\"rating\":0}")
  (data (i32.const 48) "nope")
  (data (i32.const 64) "a message")

  (func $nothing)
  (func (export "alloc") (param $length i32) (result i32) (i32.const 4096))

  (func $packed (param $at i32) (param $length i32) (result i64)
    (i64.or (i64.shl (i64.extend_i32_u (local.get $at)) (i64.const 32)) (i64.extend_i32_u (local.get $length))))
  (func $answer (param $digit i32) (result i64)
    (i32.store8 (i32.const 26) (i32.add (i32.const 48) (local.get $digit)))
    (call $packed (i32.const 16) (i32.const 12)))

  (func $loop_br (loop $l (br $l)))
  (func $loop_br_if (loop $l (br_if $l (i32.eqz (global.get $zero)))))
  (func $loop_br_table (loop $l (br_table $l $l (global.get $zero))))
  (func $loop_fill (loop $l (memory.fill (i32.const 0) (i32.const 0) (i32.const 131072)) (br $l)))
  ;; 2^60 calls and not one loop
  (func $tree (param $levels i32)
    (if (local.get $levels) (then
      (call $tree (i32.sub (local.get $levels) (i32.const 1)))
      (call $tree (i32.sub (local.get $levels) (i32.const 1))))))
  (func $deep (param $n i32) (result i32) (i32.add (i32.const 1) (call $deep (i32.add (local.get $n) (i32.const 1)))))
  (func $grow (result i32)
    (loop $l (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    (memory.size))
  (func $flood (local $i i32)
    (loop $l
      (call $log (i32.const 64) (i32.const 9))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000)))))

  (func $dirty_both
    (global.set $dirty (i32.const 7))
    (i32.store8 (i32.const 200) (i32.const 1)))

  (func (export "rate") (param $at i32) (param $length i32) (result i64)
    (local $what i32)
    (local.set $what (i32.sub (i32.load8_u (i32.add (local.get $at) (i32.const 7))) (i32.const 97)))
    (block $x (block $w (block $v (block $u (block $t (block $s (block $r (block $q (block $p (block $o (block $n
    (block $m (block $l (block $k (block $j (block $i (block $h (block $g (block $f (block $e (block $d (block $c
    (block $b (block $a
      (br_table $a $b $c $d $e $f $g $h $i $j $k $l $m $n $o $p $q $r $s $t $u $v $w $x $a (local.get $what)))
    (return (call $answer (i32.const 1)))) ;; a: well
    (call $loop_br) (return (i64.const 0))) ;; b
    (call $loop_br_if) (return (i64.const 0))) ;; c
    (call $loop_br_table) (return (i64.const 0))) ;; d
    (call $tree (i32.const 60)) (return (i64.const 0))) ;; e
    (drop (call $deep (i32.const 0))) (return (i64.const 0))) ;; f
    (unreachable)) ;; g
    (return (i64.load (i32.const 0x7fffffff)))) ;; h: out of bounds
    (return (i64.extend_i32_u (i32.div_u (i32.const 1) (global.get $zero))))) ;; i
    (drop (call $grow)) (return (call $answer (i32.const 2)))) ;; j: as much memory as it gets
    (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x7fffffff)) (return (i64.const 0))) ;; k
    (return (call $packed (i32.const 131000) (i32.const 1000)))) ;; l: an answer over the end
    (return (call $packed (i32.const 16) (i32.const -1)))) ;; m: of negative length
    (drop (call $answer (i32.const 3))) ;; n: in the place of the input
    (memory.copy (local.get $at) (i32.const 16) (i32.const 12))
    (return (call $packed (local.get $at) (i32.const 12))))
    (return (call $packed (i32.const 48) (i32.const 4)))) ;; o: not JSON
    (call $flood) (return (call $answer (i32.const 1)))) ;; p
    (return (i64.const 0))) ;; q: an answer of nothing at 0
    (call_indirect (i32.const 3)) (return (i64.const 0))) ;; r: of a function that is not there
    (global.set $dirty (i32.add (global.get $dirty) (i32.const 1))) ;; s: counts what it was asked
    (return (call $answer (global.get $dirty))))
    (call $dirty_both) (unreachable)) ;; t: changes memory and a global, then traps
    (return (call $answer (i32.add (global.get $dirty) (i32.load8_u (i32.const 200)))))) ;; u: says what is left of that
    (call $log (i32.const 0x7ffffff0) (i32.const 100)) (return (i64.const 0))) ;; v: logs what is not its own
    (return (i64.trunc_f64_s (f64.const nan)))) ;; w
    (call $loop_fill) (i64.const 0)) ;; x
)
