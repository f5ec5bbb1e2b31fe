/// The templates, styles and scripts of the web page, compiled into the program: `sluice` is one file to copy.
package enum WebAssets {}
