// Functions for amx_emulator_test: each executes one AMX instruction, as the assembler encodes it.
//
// Tables, which end with a zero entry:
//   amx_memory_stubs   function, opcode, base, index, scale, displacement   (struct MemoryStub)
//   amx_dot_stubs      function, opcode, dst, src1, src2                    (struct DotStub)
//   amx_move_stubs     function, opcode, base, destination, index          (struct MoveStub)
//   amx_tile_stubs     TILEZERO, TILELOADD, TILELOADDT1, TILESTORED for each of tmm0 to tmm7
// Registers are numbered as in machine code; index 4 (rsp) stands for none and base -1 for none.

#define OP_TILELOADD 0
#define OP_TILELOADDT1 1
#define OP_TILESTORED 2
#define OP_LDTILECFG 3
#define OP_STTILECFG 4

#define OP_LEA 0
#define OP_LEA32 1
#define OP_MOV 2
#define OP_MOV_LOAD 3

        .macro prologue
        push    %rbx
        push    %rbp
        push    %r12
        push    %r13
        push    %r14
        push    %r15
        movq    %rsp, %xmm0             // rsp itself may be the base
        movq    %rdi, %xmm1
        movq    %rsi, %xmm2
        .endm

        .macro epilogue
        movq    %xmm0, %rsp
        pop     %r15
        pop     %r14
        pop     %r13
        pop     %r12
        pop     %rbp
        pop     %rbx
        ret
        .endm

        .macro describe function, op, base, index, scale, disp
        .pushsection .data.rel.ro, "aw"
        .quad   \function
        .long   \op, \base, \index, \scale, \disp, 0
        .popsection
        .endm

        // One instruction, its memory operand given whole.
        .macro instruction op, operand:vararg
        .if \op == OP_TILELOADD
        tileloadd \operand, %tmm3
        .elseif \op == OP_TILELOADDT1
        tileloaddt1 \operand, %tmm3
        .elseif \op == OP_TILESTORED
        tilestored %tmm3, \operand
        .elseif \op == OP_LDTILECFG
        ldtilecfg \operand
        .else
        sttilecfg \operand
        .endif
        .endm

        // void stub(uint64_t base, uint64_t index)
        .macro base_index op, base, index, scale, disp
100:    prologue
        movq    %xmm2, %\index
        movq    %xmm1, %\base
        instruction \op, \disp(%\base, %\index, \scale)
        epilogue
        describe 100b, \op, number_\base, number_\index, \scale, \disp
        .endm

        .macro base_only op, base, disp
100:    prologue
        movq    %xmm1, %\base
        instruction \op, \disp(%\base)
        epilogue
        describe 100b, \op, number_\base, 4, 1, \disp
        .endm

        .macro index_only op, index, scale, disp
100:    prologue
        movq    %xmm2, %\index
        instruction \op, \disp(, %\index, \scale)
        epilogue
        describe 100b, \op, -1, number_\index, \scale, \disp
        .endm

        .set    next, 0
        .irp    name, rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
        .set    number_\name, next
        .set    next, next + 1
        .endr

        // Every base with every other index; every scale; no, an 8-bit and a 32-bit displacement.
        .macro all_forms op
        .irp    base, rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
        base_only \op, \base, 0
        base_only \op, \base, 64
        base_only \op, \base, -4096
        .irp    index, rax, rcx, rdx, rbx, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
        .if number_\base != number_\index
        base_index \op, \base, \index, 1, 0
        base_index \op, \base, \index, 2, 127
        base_index \op, \base, \index, 4, -128
        base_index \op, \base, \index, 8, 4096
        base_index \op, \base, \index, 1, -65536
        .endif
        .endr
        .endr
        .irp    index, rax, rcx, rdx, rbx, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
        index_only \op, \index, 1, 0x20001000
        index_only \op, \index, 8, 0x20000040
        .endr
        .endm

        // uint64_t stub(uint64_t base, uint64_t index): TILEZERO and a move; returns its result.
        .macro move op, base, to, index
100:    prologue
        movq    %xmm2, %\index
        movq    %xmm1, %\base
        tilezero %tmm0
        .if \op == OP_LEA
        leaq    -5(%\base, %\index, 4), %\to
        .elseif \op == OP_LEA32
        leaq    0x12345(, %\index, 2), %\to
        .elseif \op == OP_MOV
        movq    %\base, %\to
        .else
        movq    16(%\base), %\to
        .endif
        movq    %\to, %xmm3
        movq    %xmm3, %rax
        epilogue
        .pushsection .data.rel.ro, "aw"
        .quad   100b
        .long   \op, number_\base, number_\to, number_\index
        .popsection
        .endm

        .macro all_moves op
        .irp    base, rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
        .irp    to, rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
        .if     number_\base != number_r12
        move    \op, \base, \to, r12
        .else
        move    \op, \base, \to, rdx
        .endif
        .endr
        .endr
        .endm

        .macro dot op, name, d, a, b
100:    \name   %tmm\b, %tmm\a, %tmm\d
        ret
        .pushsection .data.rel.ro, "aw"
        .quad   100b
        .long   \op, \d, \a, \b
        .popsection
        .endm

        .macro dots_into op, name, d
        .irp    a, 0, 1, 2, 3, 4, 5, 6, 7
        .irp    b, 0, 1, 2, 3, 4, 5, 6, 7
        .if (\d - \a) * (\d - \b) * (\a - \b) != 0
        dot     \op, \name, \d, \a, \b
        .endif
        .endr
        .endr
        .endm

        .macro all_dots op, name
        .irp    d, 0, 1, 2, 3, 4, 5, 6, 7
        dots_into \op, \name, \d
        .endr
        .endm

        .section .data.rel.ro, "aw"
        .balign 8
        .globl  amx_memory_stubs
amx_memory_stubs:
        .text
        all_forms OP_TILELOADD
        all_forms OP_TILELOADDT1
        all_forms OP_TILESTORED
        all_forms OP_LDTILECFG
        all_forms OP_STTILECFG
        describe 0, 0, 0, 0, 0, 0

        .section .data.rel.ro, "aw"
        .globl  amx_dot_stubs
amx_dot_stubs:
        .text
        all_dots 0, tdpbssd
        all_dots 1, tdpbsud
        all_dots 2, tdpbusd
        all_dots 3, tdpbuud
        .section .data.rel.ro, "aw"
        .quad   0, 0, 0

        .globl  amx_move_stubs
amx_move_stubs:
        .text
        all_moves OP_LEA
        all_moves OP_LEA32
        all_moves OP_MOV
        all_moves OP_MOV_LOAD
        .section .data.rel.ro, "aw"
        .quad   0, 0, 0

        .globl  amx_tile_stubs
amx_tile_stubs:
        .text
        .irp    t, 0, 1, 2, 3, 4, 5, 6, 7
100:    tilezero %tmm\t
        ret
101:    tileloadd (%rdi, %rsi), %tmm\t
        ret
102:    tileloaddt1 (%rdi, %rsi), %tmm\t
        ret
103:    tilestored %tmm\t, (%rdi, %rsi)
        ret
        .pushsection .data.rel.ro, "aw"
        .quad   100b, 101b, 102b, 103b
        .popsection
        .endr

        .section .note.GNU-stack, "", @progbits
