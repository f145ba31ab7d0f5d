@echo off
rem Starts aioli from its sources on Windows: builds cli\target\aioli.jar with Maven if it is not there, and runs it.
rem After a change of the sources build it anew: delete the jar. JAVA_OPTS goes to the JVM, the arguments to aioli.
setlocal
set "home=%~dp0"
set "jar=%home%cli\target\aioli.jar"
set "archive=%home%cli\target\aioli.jsa"

rem A JDK 25 or newer: JAVA_HOME, java on the PATH, then the usual folders.
set "jdk="
if defined JAVA_HOME call :try "%JAVA_HOME%"
for /f "delims=" %%j in ('where java 2^>nul') do call :try "%%~dpj.."
for /d %%d in ("%ProgramFiles%\Java\*" "%ProgramFiles%\Eclipse Adoptium\*" "%ProgramFiles%\Microsoft\jdk*" "%USERPROFILE%\.jdks\*") do call :try "%%~d"
if not defined jdk (
  echo aioli: needs a JDK 25 or newer and found none; install one or set JAVA_HOME to its folder. 1>&2
  exit /b 1
)

if exist "%jar%" goto run
echo aioli: building (first time: a minute or two)... 1>&2
pushd "%home%"
set "JAVA_HOME=%jdk%"
call mvn -B -q -P "!lint,!format" -Dmaven.test.skip=true -Dmaven.source.skip=true -pl cli -am package 1>&2
popd
if not exist "%jar%" (
  echo aioli: the build failed; it needs Maven 3.8 or newer. 1>&2
  exit /b 1
)

:run
if exist "%archive%" goto archived
"%jdk%\bin\java" %JAVA_OPTS% -jar "%jar%" %*
exit /b %ERRORLEVEL%

:archived
"%jdk%\bin\java" "-XX:SharedArchiveFile=%archive%" -Xlog:cds=off -Xlog:cds+dynamic=off %JAVA_OPTS% -jar "%jar%" %*
exit /b %ERRORLEVEL%

rem Takes a folder for jdk if it has none yet and this is one: its file `release` says JAVA_VERSION="25.0.3".
:try
if defined jdk exit /b 0
if not exist "%~1\bin\javac.exe" exit /b 0
if not exist "%~1\release" exit /b 0
for /f "tokens=2 delims=.=+-" %%v in ('findstr /b "JAVA_VERSION=" "%~1\release"') do call :number "%~1" %%v
exit /b 0

rem The first number of the version, which has a quotation mark before it and, if there is no other number, behind it.
:number
set "major=%~2"
set "major=%major:"=%"
if %major% geq 25 set "jdk=%~1"
exit /b 0
