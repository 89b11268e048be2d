/* A QEMU plugin (user mode, AArch64, QEMU 7 or later): counts executed instructions by kind.

   Whoever is counted calls getpgid(MARK): the counts since the last call go to standard error. Used by
   tests/experiments/instructions.py, which says how to run it. Counts say what a processor must do, not how
   long it takes.

   The declarations are those of QEMU's plugin interface, version 1; encodings are those of the Arm
   Architecture Reference Manual. */

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#define MARK 900000
#define GETPGID 155 /* of Linux on AArch64 */

struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum qemu_plugin_op { ADD_U64 };
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
extern const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);
extern void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *, enum qemu_plugin_op, void *,
                                                     uint64_t);
extern void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t, void (*)(uint64_t, struct qemu_plugin_tb *));
extern void qemu_plugin_register_vcpu_syscall_cb(uint64_t,
                                                 void (*)(uint64_t, unsigned, int64_t, uint64_t, uint64_t,
                                                          uint64_t, uint64_t, uint64_t, uint64_t, uint64_t,
                                                          uint64_t));
__attribute__((visibility("default"))) int qemu_plugin_version = 1;

enum kind { ALL, FLOAT32, FLOAT16, DOT, KINDS };
static const char *const names[KINDS] = {"all", "float32_fma", "float16_fma", "int8_dot"};
static const struct {
    enum kind kind;
    uint32_t mask, value;
} encodings[] = {
    {FLOAT32, 0xBFE0FC00, 0x0E20CC00}, /* FMLA, vectors */
    {FLOAT32, 0xBFC0F400, 0x0F801000}, /* FMLA, by element */
    {FLOAT16, 0xBFE0FC00, 0x0E400C00}, /* FMLA, vectors of halves */
    {FLOAT16, 0xBFC0F400, 0x0F001000}, /* FMLA, by element of halves */
    {DOT, 0x9FE0FC00, 0x0E809400},     /* SDOT, UDOT, vectors */
    {DOT, 0x9FC0F400, 0x0F80E000},     /* SDOT, UDOT, by element */
};
static uint64_t counts[KINDS], told[KINDS];

static void translated(uint64_t id, struct qemu_plugin_tb *block) {
    uint64_t in_block[KINDS] = {0};
    (void)id;
    in_block[ALL] = qemu_plugin_tb_n_insns(block);
    for (size_t at = 0; at < in_block[ALL]; at++) {
        uint32_t code = *(const uint32_t *)qemu_plugin_insn_data(qemu_plugin_tb_get_insn(block, at));
        for (size_t entry = 0; entry < sizeof encodings / sizeof *encodings; entry++)
            in_block[encodings[entry].kind] += (code & encodings[entry].mask) == encodings[entry].value;
    }
    for (int kind = 0; kind < KINDS; kind++)
        if (in_block[kind])
            qemu_plugin_register_vcpu_tb_exec_inline(block, ADD_U64, &counts[kind], in_block[kind]);
}

static void called(uint64_t id, unsigned cpu, int64_t number, uint64_t first, uint64_t a2, uint64_t a3,
                   uint64_t a4, uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8) {
    (void)id, (void)cpu, (void)a2, (void)a3, (void)a4, (void)a5, (void)a6, (void)a7, (void)a8;
    if (number != GETPGID || first != MARK)
        return;
    for (int kind = 0; kind < KINDS; kind++) {
        fprintf(stderr, "%s %" PRIu64 "%c", names[kind], counts[kind] - told[kind], kind < KINDS - 1 ? ' ' : '\n');
        told[kind] = counts[kind];
    }
}

__attribute__((visibility("default"))) int qemu_plugin_install(uint64_t id, const void *info, int argc,
                                                               char **argv) {
    (void)info, (void)argc, (void)argv;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_vcpu_syscall_cb(id, called);
    return 0;
}
