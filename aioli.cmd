@echo off
rem Starts aioli from its sources on Windows: builds cli\target\aioli.jar with Maven if it is not there, and runs it.
rem After a change of the sources build it anew: delete the jar. JAVA_OPTS goes to the JVM, the arguments to aioli.
setlocal
set "home=%~dp0"
set "jar=%home%cli\target\aioli.jar"
set "archive=%home%cli\target\aioli.jsa"
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"

if exist "%jar%" goto run
echo aioli: building (first time: a minute or two)... 1>&2
pushd "%home%"
call mvn -B -q -P "!lint,!format" -Dmaven.test.skip=true -Dmaven.source.skip=true -pl cli -am package 1>&2
popd
if not exist "%jar%" (
  echo aioli: the build failed; it needs Maven 3.8 and a JDK 25 or newer. 1>&2
  exit /b 1
)

:run
if exist "%archive%" goto archived
"%java%" %JAVA_OPTS% -jar "%jar%" %*
exit /b %ERRORLEVEL%

:archived
"%java%" "-XX:SharedArchiveFile=%archive%" -Xlog:cds=off -Xlog:cds+dynamic=off %JAVA_OPTS% -jar "%jar%" %*
exit /b %ERRORLEVEL%
