# What `cmake --install` puts where. The libraries exist as archives only, so whoever links
# one needs what it needs: in the .pc files the requirements are public ones. Every path is
# relative to where the files are found, so that a prefix can be moved and DESTDIR be used.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/chanrt)
set(pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(FILES chanrt.h TYPE INCLUDE)
install(FILES chanrt-gdb.py DESTINATION ${CMAKE_INSTALL_DATADIR}/chanrt)

install(TARGETS chanrt EXPORT chanrt ARCHIVE INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT chanrt FILE chanrt-targets.cmake NAMESPACE chanrt:: DESTINATION ${package_dir})
set(pc_files chanrt)
if(CHANRT_DEBUG_LIBRARY)
  set_target_properties(chanrt_debug PROPERTIES EXPORT_NAME debug)
  install(TARGETS chanrt_debug EXPORT chanrt-debug ARCHIVE
          INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(EXPORT chanrt-debug FILE chanrt-debug-targets.cmake NAMESPACE chanrt::
          DESTINATION ${package_dir})
  list(APPEND pc_files chanrt-debug)
endif()

configure_package_config_file(package/chanrt-config.cmake.in chanrt-config.cmake
  INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(chanrt-config-version.cmake
  VERSION ${CHANRT_VERSION} COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/chanrt-config.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/chanrt-config-version.cmake
        DESTINATION ${package_dir})

# pkg-config sets pcfiledir to the folder of the .pc file.
set(pc_prefix ${CMAKE_INSTALL_PREFIX})
if(NOT IS_ABSOLUTE ${pc_dir})
  file(RELATIVE_PATH up /root/${pc_dir} /root)
  set(pc_prefix "\${pcfiledir}/${up}")
  string(REGEX REPLACE "/$" "" pc_prefix ${pc_prefix})
endif()
foreach(dir LIBDIR INCLUDEDIR)
  set(pc_${dir} "\${prefix}/${CMAKE_INSTALL_${dir}}")
  if(IS_ABSOLUTE ${CMAKE_INSTALL_${dir}})
    set(pc_${dir} ${CMAKE_INSTALL_${dir}})
  endif()
endforeach()
foreach(pc ${pc_files})
  configure_file(package/${pc}.pc.in ${pc}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${pc}.pc DESTINATION ${pc_dir})
endforeach()
