# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
#
# The game: in every frame the policy learns for as long as the library's time
# budget lasts, and then the frame goes on.
extends Node

var native = GDNative.new()
var frames = 0


func call_library(name):
    return native.call_native("standard_varcall", name, [])


func _ready():
    native.library = load("res://cartpole.gdnlib")
    if not native.initialize() or call_library("cartpole_start") < 0:
        stop(1)


func _process(_delta):
    frames += 1
    var is_busy = call_library("cartpole_frame")
    if is_busy < 0:
        stop(1)
    elif is_busy == 0:
        stop(0 if call_library("cartpole_end") == 0 else 1)


func stop(code):
    set_process(false)
    native.terminate()
    print("the game ran for %d frames" % frames)
    get_tree().quit(code)
